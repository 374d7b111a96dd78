import { describe, expect, test } from "vitest";
import { err } from "#shared/result.ts";
import { connectHost } from "../../../../relay/instances/host/connect.ts";
import { HostConnection } from "../../../../relay/instances/host/host-connection.ts";
import { IDLE_CLOSE_MS, IdleLane } from "../../../../relay/instances/host/idle-lane.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { latest, startHost } from "../../support/host-side/host.ts";
import { turns, until } from "../../support/until.ts";

async function begin() {
  const host = await startHost({ aimx: "3.0", records: [latest("a", { initial: { n: 1 } })] });
  const clock = new ManualClock();
  const { socketPath } = host;
  const open = () => {
    return HostConnection.open({ socketPath, connect: connectHost, clock, timeoutMs: 5_000 });
  };
  const lane = new IdleLane({ open, clock });
  const list = () => lane.use((connection) => connection.request((d) => d.list(), 5_000));
  return { host, clock, lane, list };
}

describe("IdleLane", () => {
  test("opens its connection on use, one for all who use it together", async () => {
    const { host, list } = await begin();
    expect(host.acceptedCount).toBe(0);
    const lists = await Promise.all([list(), list(), list()]);
    expect(lists).toMatchObject([{ ok: true }, { ok: true }, { ok: true }]);
    expect(host.acceptedCount).toBe(1);
  });

  test("closes it when nobody used it for a minute", async () => {
    const { host, clock, list } = await begin();
    await list();
    clock.advance(IDLE_CLOSE_MS - 1);
    await list();
    clock.advance(IDLE_CLOSE_MS - 1);
    await turns();
    expect(host.connectionCount).toBe(1);

    clock.advance(1);

    await until("the connection ends", () => host.connectionCount === 0);
    await list();
    expect(host.acceptedCount).toBe(2);
  });

  test("does not close it under somebody who waits", async () => {
    const { host, clock, lane, list } = await begin();
    let release = () => {};
    const using = lane.use(
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
    );
    await list();
    clock.advance(10 * IDLE_CLOSE_MS);
    lane.closeIfIdle();
    await turns();
    expect(host.connectionCount).toBe(1);

    release();
    await using;
    lane.closeIfIdle();

    await until("the connection ends", () => host.connectionCount === 0);
  });

  test("opens another where the host ended it", async () => {
    const { host, list } = await begin();
    await list();
    host.dropConnections();
    await until("the end", () => host.connectionCount === 0);
    await turns();
    expect(await list()).toMatchObject({ ok: true, value: { ok: true } });
    expect(host.acceptedCount).toBe(2);
  });

  test("says why it can't open one, and tries anew the next time", async () => {
    const clock = new ManualClock();
    let attempts = 0;
    const open = async () => {
      attempts += 1;
      return err({ reason: "ended_silently" } as const);
    };
    const lane = new IdleLane({ open, clock });
    const use = () => lane.use(async () => 1);
    expect(await use()).toEqual({ ok: false, error: { reason: "ended_silently" } });
    expect(await use()).toEqual({ ok: false, error: { reason: "ended_silently" } });
    expect(attempts).toBe(2);
    expect(clock.timerCount).toBe(0);
  });

  test("that is closed leaves the host, and no timer", async () => {
    const { host, clock, lane, list } = await begin();
    await list();
    lane.close();
    await until("the connection ends", () => host.connectionCount === 0);
    expect(clock.timerCount).toBe(0);
  });
});
