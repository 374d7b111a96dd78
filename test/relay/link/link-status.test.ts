import { describe, expect, test } from "vitest";
import { HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { LinkedClient } from "../support/worker-side/linked-client.ts";

const HOUR_MS = 3_600_000;

function welcome(server_time_ms?: number) {
  const head = { t: "welcome", version: 1, session: "s1", heartbeat_interval_ms: 10_000 } as const;
  return server_time_ms === undefined ? head : { ...head, server_time_ms };
}

describe("the status of a link", () => {
  test("says how long it has been as it is", async () => {
    const linked = new LinkedClient();
    expect(linked.client.status()).toMatchObject({ state: "waiting", for_ms: 0, session: null });
    await linked.goLive();
    linked.clock.advance(9_000);
    expect(linked.client.status()).toMatchObject({ state: "live", for_ms: 9_000, session: "s1" });
  });

  test("has the round trip of the greeting, then that of the last heartbeat", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    link.opens();
    linked.clock.advance(120);
    link.welcomes();
    expect(linked.client.status().round_trip_ms).toBe(120);

    linked.clock.advance(10_000);
    linked.clock.advance(35);
    link.says(HEARTBEAT_RESPONSE);

    expect(linked.client.status().round_trip_ms).toBe(35);
  });

  test("shows how far the device's clock is off, half the greeting taken for the way back", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    link.opens();
    const workerMs = linked.clock.wallMs() + 50 - HOUR_MS;
    linked.clock.advance(100);
    link.says(welcome(workerMs));
    expect(linked.client.status().clock_offset_ms).toBe(HOUR_MS);
  });

  test("shows no offset where the worker does not say its time", async () => {
    const linked = new LinkedClient();
    const link = await linked.goLive();
    expect(link.frames[0]).toMatchObject({ t: "hello" });
    expect(linked.client.status().clock_offset_ms).toBeNull();
  });

  test("only shows it: the next dial's token has the device's own time [H-10]", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    const link = await linked.dial(1);
    link.opens();
    link.says(welcome(linked.clock.wallMs() - HOUR_MS));
    link.closesWith(1006);
    await linked.comeBack();
    expect(linked.tokenTimes).toHaveLength(2);
    expect(linked.tokenTimes[1]).toBe(linked.clock.wallMs());
  });

  test("says why the last link ended, when the next dial is, and how many failed", async () => {
    const linked = new LinkedClient();
    (await linked.goLive()).closesWith(1006);
    linked.clock.advance(50);
    expect(linked.client.status()).toEqual({
      state: "waiting",
      for_ms: 50,
      session: null,
      round_trip_ms: null,
      narrow_per_s: null,
      clock_offset_ms: null,
      next_dial_in_ms: 200,
      failures: 1,
      last_failure: "the link broke (1006)",
      calls_under_way: 0,
    });
  });

  test("has the worker's advice once it was refused for good", async () => {
    const linked = new LinkedClient();
    linked.client.start();
    (await linked.dial(1)).refuses(410);
    await linked.client.ended;
    expect(linked.client.status()).toMatchObject({
      state: "stopped",
      last_failure: expect.stringContaining("revoked"),
    });
  });
});
