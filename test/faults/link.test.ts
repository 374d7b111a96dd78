/** Networks: each fault once, with traffic before, through and after it. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { FaultBed, INSTANCE } from "./fault-bed.ts";
import { pause } from "../support/pause.ts";
import { EACH } from "./rounds.ts";

/** Two heartbeats and a slow link, and what this machine takes. */
const NOTICED_WITHIN_MS = 25_000 + 500;

const host = inject("realHosts").find(({ protocol }) => protocol === "3.0");

describe.skipIf(host?.binary === undefined)("nothing is lost, doubled or made up", EACH, () => {
  let bed: FaultBed;

  beforeAll(async () => {
    bed = await FaultBed.open({ binary: host?.binary ?? "", protocol: "3.0" });
  });
  afterAll(() => bed.close());

  test("when the link is cut, again and again", async () => {
    const broken = await bed.through(async () => {
      for (let n = 0; n < 5; n += 1) {
        bed.proxy.cut();
        await pause(700);
      }
    });

    expect(broken).toEqual([]);
  });

  test("when the network stalls for two seconds, and all comes at once", async () => {
    const broken = await bed.through(async () => {
      bed.proxy.become({ type: "stalled" });
      await pause(2_000);
      bed.proxy.become({ type: "fair" });
    });

    expect(broken).toEqual([]);
  });

  test("with 600 ms each way", async () => {
    const broken = await bed.through(async () => {
      bed.proxy.become({ type: "delayed", ms: 600 });
      await pause(6_000);
      bed.proxy.become({ type: "fair" });
    });

    expect(broken).toEqual([]);
  });

  test("over 64 kbit/s", async () => {
    const broken = await bed.through(async () => {
      bed.proxy.become({ type: "slow", bytesPerS: 8_000 });
      await pause(6_000);
      bed.proxy.become({ type: "fair" });
    });

    expect(broken).toEqual([]);
  });

  test("when the network drops all and tells nobody, and both ends notice by themselves", async () => {
    const broken = await bed.through(async () => {
      const sinceMs = Date.now();
      const before = bed.proxy.dials;
      bed.proxy.become({ type: "half_open" });

      const dials = await waitFor(NOTICED_WITHIN_MS, async () =>
        bed.proxy.dials > before ? bed.proxy.dials : undefined,
      );
      await pause(sinceMs + NOTICED_WITHIN_MS - Date.now());
      const client = await bed.connect();
      const told = await client.call("get_record", {
        instance: INSTANCE,
        record_name: "never.asked",
      });
      await client.close();

      expect(dials).toBeGreaterThan(before);
      expect(told.json.error).toMatchObject({ code: "relay_offline" });
      const offlineMs = Date.parse(told.json.error.offline_since) - sinceMs;
      // The last that was heard, which heartbeat or answer it may have been.
      expect(offlineMs).toBeGreaterThan(-1_000);
      expect(offlineMs).toBeLessThan(1_000);
      bed.proxy.become({ type: "fair" });
    });

    expect(broken).toEqual([]);
    expect(await bed.leftBehind()).toEqual([]);
  });
});
