import { describe, expect, onTestFinished, test } from "vitest";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import {
  HostConnection,
  type HostClose,
} from "../../../../relay/instances/host/host-connection.ts";
import { Lane } from "../../../../relay/instances/host/lane.ts";
import type { Simulator } from "../../../../worker/selfhost/simulator/server.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { restart, startHost } from "../../support/host-side/host.ts";
import { until } from "../../support/until.ts";

function laneTo(host: Simulator) {
  const clock = new ManualClock();
  const seen = { ups: 0, downs: [] as HostClose[], opens: 0 };
  const lane = new Lane({
    open: () => {
      seen.opens += 1;
      const { socketPath } = host;
      return HostConnection.open({ socketPath, connect: connectHost, clock, timeoutMs: 5_000 });
    },
    clock,
    random: () => 0.999_999,
    onUp: () => {
      seen.ups += 1;
    },
    onDown: (close) => seen.downs.push(close),
  });
  onTestFinished(() => lane.stop());
  return { lane, clock, seen };
}

async function upLane() {
  const host = await startHost({ aimx: "3.0" });
  const { lane, clock, seen } = laneTo(host);
  lane.start();
  await lane.acquire();
  return { host, lane, clock, seen };
}

describe("Lane", () => {
  test("tells that it is up before anybody gets the connection", async () => {
    const host = await startHost({ aimx: "3.0" });
    const { lane, seen } = laneTo(host);
    lane.start();

    const upsWhenAcquired = await lane.acquire().then(() => seen.ups);

    expect(upsWhenAcquired).toBe(1);
  });

  test("gives everybody the same connection", async () => {
    const host = await startHost({ aimx: "3.0" });
    const { lane } = laneTo(host);
    lane.start();

    const [first, second] = await Promise.all([lane.acquire(), lane.acquire()]);
    const third = await lane.acquire();

    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(host.acceptedCount).toBe(1);
  });

  test("gives nothing before it is started", async () => {
    const { lane } = laneTo(await startHost({ aimx: "3.0" }));
    expect(await lane.acquire()).toEqual({ ok: false, error: { reason: "local" } });
  });

  test("dials again by itself when the connection ended", async () => {
    const { host, clock, seen } = await upLane();

    host.dropConnections();
    await until("the end", () => seen.downs.length === 1);
    clock.advance(100);
    await until("the next connection", () => seen.ups === 2);

    expect(seen.downs).toEqual([{ reason: "ended" }]);
  });

  test("dials at once for somebody who needs the connection while it waits", async () => {
    const { host, lane, clock, seen } = await upLane();
    host.dropConnections();
    await until("the end", () => seen.downs.length === 1);

    const [first, second] = await Promise.all([lane.acquire(), lane.acquire()]);

    expect(first).toMatchObject({ ok: true });
    expect(second).toEqual(first);
    expect(seen.opens).toBe(2);
    expect(clock.nextInMs).toBeGreaterThan(1_000);
  });

  test("gives the reason to those who wait for a connection that fails", async () => {
    const { host, lane, seen } = await upLane();
    await host.close({ leaveSocketFile: true });
    await until("the end", () => seen.downs.length === 1);
    expect(await lane.acquire()).toEqual({
      ok: false,
      error: { reason: "socket", errorCode: "ECONNREFUSED" },
    });
  });

  test("finds a host that was restarted", async () => {
    const { host, lane, seen } = await upLane();
    await restart(host);
    await until("the end", () => seen.downs.length === 1);
    expect(await lane.acquire()).toMatchObject({ ok: true });
  });
});

describe("Lane waits", () => {
  test("longer after each failure, up to five seconds", async () => {
    const host = await startHost({ aimx: "3.0" });
    await host.close({ leaveSocketFile: true });
    const { lane, clock, seen } = laneTo(host);
    const waits: number[] = [];

    lane.start();
    for (let n = 1; n <= 8; n += 1) {
      await until("the failure", () => seen.downs.length === n);
      waits.push(clock.nextInMs ?? 0);
      clock.advance(5_000);
    }

    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  test("longer each time for a host that greets and hangs up", async () => {
    const { host, clock, seen } = await upLane();
    const waits: number[] = [];

    for (let n = 1; n <= 4; n += 1) {
      host.dropConnections();
      await until("the end", () => seen.downs.length === n);
      waits.push(clock.nextInMs ?? 0);
      clock.advance(waits.at(-1) ?? 0);
      await until("the next connection", () => seen.ups === n + 1);
    }

    expect(waits).toEqual([100, 200, 400, 800]);
  });

  test("shortly again once a connection stood", async () => {
    const { host, clock, seen } = await upLane();
    const waits: number[] = [];

    for (let n = 1; n <= 3; n += 1) {
      clock.advance(1_000);
      host.dropConnections();
      await until("the end", () => seen.downs.length === n);
      waits.push(clock.nextInMs ?? 0);
      clock.advance(100);
      await until("the next connection", () => seen.ups === n + 1);
    }

    expect(waits).toEqual([100, 100, 100]);
  });
});

describe("Lane that is stopped", () => {
  test("closes its connection and dials no more", async () => {
    const { host, lane, clock, seen } = await upLane();

    lane.stop();
    await until("the host sees the end", () => host.connectionCount === 0);
    clock.advance(60_000);

    expect(await lane.acquire()).toEqual({ ok: false, error: { reason: "local" } });
    expect(seen).toEqual({ ups: 1, downs: [], opens: 1 });
  });

  test("closes the connection that it was about to get", async () => {
    const host = await startHost({ aimx: "3.0" });
    const { lane, seen } = laneTo(host);
    lane.start();

    lane.stop();
    await until("the host sees it come and go", () => host.acceptedCount === 1);
    await until("the host sees the end", () => host.connectionCount === 0);

    expect(seen.ups).toBe(0);
  });

  test("does not dial when its wait is over", async () => {
    const { host, lane, clock, seen } = await upLane();
    host.dropConnections();
    await until("the end", () => seen.downs.length === 1);

    lane.stop();
    clock.advance(60_000);

    expect(seen.opens).toBe(1);
    expect(clock.timerCount).toBe(0);
  });
});
