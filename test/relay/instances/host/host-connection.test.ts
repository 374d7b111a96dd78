import { describe, expect, test } from "vitest";
import type { Sample } from "#shared/aimx/connection.ts";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { latest, ring, startHost, VERSIONS } from "../../support/host-side/host.ts";
import { openConnection } from "../../support/host-side/open-connection.ts";
import { startPlainHost, startSocket } from "../../support/host-side/scripted-socket.ts";
import { until } from "../../support/until.ts";

const RECORDS = [ring("r"), latest("a", { initial: { n: 1 } })];
const FOREVER_MS = 1e9;

describe.each(VERSIONS)("HostConnection to an AimX %s host", (aimx) => {
  test("has the host's welcome and answers requests", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);

    const value = await connection.request((d) => d.get("a"), FOREVER_MS);

    expect(connection.welcome.protocolVersion).toBe(aimx);
    expect(value).toEqual({ ok: true, value: { n: 1 } });
  });

  test("answers requests that were made at once, each its own", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);

    const [list, value, missing] = await Promise.all([
      connection.request((d) => d.list(), FOREVER_MS),
      connection.request((d) => d.get("a"), FOREVER_MS),
      connection.request((d) => d.get("none"), FOREVER_MS),
    ]);

    expect(list).toMatchObject({ value: [{ record_key: "r" }, { record_key: "a" }] });
    expect(value).toEqual({ ok: true, value: { n: 1 } });
    expect(missing).toMatchObject({ error: { type: "host", error: { code: "not_found" } } });
  });

  test("gives samples of its subscriptions", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);
    const samples: Sample[] = [];
    connection.onSample = (sample) => samples.push(sample);
    const subscribed = await connection.request((d) => d.subscribe("r"), FOREVER_MS);

    host.produce("r", { n: 7 });
    await until("the sample", () => samples.length === 1);

    expect(samples).toMatchObject([
      { subscription: subscribed.ok ? subscribed.value : "", value: { n: 7 } },
    ]);
  });

  test("tells that the host went away, and fails what waits as sent", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);
    host.setFaults({ unansweredMethod: "record.get" });
    const waiting = connection.request((d) => d.get("a"), FOREVER_MS);
    await until("the request", () => host.requestCounts.get("record.get") === 1);

    host.dropConnections();

    expect(await connection.closed).toEqual({ reason: "ended" });
    expect(await waiting).toEqual({
      ok: false,
      error: { type: "closed", close: { reason: "ended" }, sent: true },
    });
  });

  test("fails a request on a closed connection as not sent", async () => {
    const host = await startHost({ aimx, records: RECORDS });
    const connection = await openConnection(host.socketPath);
    host.dropConnections();
    const close = await connection.closed;

    expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toEqual({
      ok: false,
      error: { type: "closed", close, sent: false },
    });
    expect(host.requestCounts.get("record.get")).toBeUndefined();
  });

  test("ends in the middle of an answer", async () => {
    const host = await startHost({ aimx, records: RECORDS, faults: { cutReply: 2 } });
    const connection = await openConnection(host.socketPath);
    expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toMatchObject({
      error: { type: "closed", close: { reason: "ended" }, sent: true },
    });
  });

  test("ends on a line that is too long", async () => {
    const oversizeLine = { beforeReply: 2, bytes: 5 * 1024 * 1024 };
    const host = await startHost({ aimx, records: RECORDS, faults: { oversizeLine } });
    const connection = await openConnection(host.socketPath);
    expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toMatchObject({
      error: { type: "closed", close: { reason: "line_too_long" } },
    });
  });

  test("ends on a line that is no JSON", async () => {
    const garbageLine = { beforeReply: 2, text: "}{" };
    const host = await startHost({ aimx, records: RECORDS, faults: { garbageLine } });
    const connection = await openConnection(host.socketPath);
    expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toMatchObject({
      error: { type: "closed", close: { reason: "not_aimx" } },
    });
  });
});

describe("HostConnection keeps time", () => {
  async function hung() {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const clock = new ManualClock();
    const connection = await openConnection(host.socketPath, clock);
    host.setFaults({ hang: true });
    return { host, clock, connection };
  }

  test("and drops the connection for a request that is late", async () => {
    const { host, clock, connection } = await hung();
    const late = connection.request((d) => d.get("a"), 1_000);
    const other = connection.request((d) => d.list(), 2_000);

    clock.advance(1_000);

    expect(await late).toEqual({ ok: false, error: { type: "timeout" } });
    expect(await other).toEqual({
      ok: false,
      error: { type: "closed", close: { reason: "request_timeout" }, sent: true },
    });
    expect(await connection.closed).toEqual({ reason: "request_timeout" });
    expect(clock.timerCount).toBe(0);
    host.setFaults({});
    await until("the host sees the end", () => host.connectionCount === 0);
  });

  test("by the earliest deadline, whichever was asked first", async () => {
    const { clock, connection } = await hung();
    const second = connection.request((d) => d.list(), 4_000);
    const first = connection.request((d) => d.get("a"), 300);

    clock.advance(300);

    expect(await first).toEqual({ ok: false, error: { type: "timeout" } });
    expect(await second).toMatchObject({ error: { close: { reason: "request_timeout" } } });
  });

  test("and lets an answered request alone", async () => {
    const host = await startHost({ aimx: "3.0", records: RECORDS });
    const clock = new ManualClock();
    const connection = await openConnection(host.socketPath, clock);
    await connection.request((d) => d.get("a"), 1_000);

    clock.advance(60_000);

    expect(await connection.request((d) => d.get("a"), 1_000)).toMatchObject({ ok: true });
  });

  test("of connecting and greeting together", async () => {
    const host = await startHost({ aimx: "3.0", faults: { hang: true } });
    const clock = new ManualClock();
    const opened = HostConnection.open({
      socketPath: host.socketPath,
      connect: connectHost,
      clock,
      timeoutMs: 5_000,
    });
    await until("the connection", () => host.connectionCount === 1);

    clock.advance(5_000);

    expect(await opened).toEqual({ ok: false, error: { reason: "hello_timeout" } });
  });
});

test("HostConnection asks an AimX 1 host nothing before its welcome", async () => {
  const host = await startPlainHost(() => ({ result: { n: 1 } }));
  const connection = await openConnection(host.socketPath);
  expect(host.received.split("\n")).toHaveLength(2);

  await connection.request((d) => d.get("a"), FOREVER_MS);

  expect(host.received.split("\n")).toHaveLength(3);
});

test("HostConnection drops an AimX 1 host that lost a request", async () => {
  const host = await startSocket((socket, line) => {
    const isHello = "client" in (JSON.parse(line) as object);
    socket.write(
      isHello
        ? '{"version":"1.0","server":"aimdb","permissions":[]}\n'
        : '{"id":0,"error":{"code":"parse_error","message":"Invalid JSON"}}\n',
    );
  });
  const connection = await openConnection(host.socketPath);
  expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toEqual({
    ok: false,
    error: { type: "closed", close: { reason: "lost_request" }, sent: true },
  });
});

test("HostConnection reads a value that comes in single bytes", async () => {
  const host = await startPlainHost((request, socket) => {
    const text = JSON.stringify({ id: request.id, result: "é".repeat(20) });
    for (const byte of Buffer.from(`${text}\n`)) socket.write(Buffer.from([byte]));
    return undefined;
  });
  const connection = await openConnection(host.socketPath);
  expect(await connection.request((d) => d.get("a"), FOREVER_MS)).toEqual({
    ok: true,
    value: "é".repeat(20),
  });
});

test("HostConnection that was closed here says so, and leaves the host", async () => {
  const host = await startHost({ aimx: "3.0" });
  const connection = await openConnection(host.socketPath);

  connection.close();

  expect(await connection.closed).toEqual({ reason: "local" });
  await until("the host sees the end", () => host.connectionCount === 0);
});
