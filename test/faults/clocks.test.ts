/** Clocks that are set while all runs, as where a machine finds out what time it is. */
import { describe, expect, inject, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { missingOf, orSkip } from "../support/needed.ts";
import { pause } from "../support/pause.ts";
import { FaultBed, INSTANCE } from "./fault-bed.ts";
import { MovedClock } from "./moved-clock.ts";
import { EACH } from "./rounds.ts";

const HOUR_S = 3_600;

const hosts = inject("realHosts").filter(({ binary }) => binary !== undefined);
const CAN_COMPILE = orSkip(
  missingOf(["cc"]).length === 0,
  "NO C COMPILER: apt-get install gcc. No clock is set while all runs.",
);

describe.skipIf(hosts.length === 0 || !CAN_COMPILE)(
  "nothing is lost, doubled or made up",
  EACH,
  () => {
    const [{ binary = "", protocol } = { binary: "", protocol: "3.0" as const }] = hosts;

    test.each([-HOUR_S, HOUR_S])("when a relay's clock is set by %i s", async (offsetS) => {
      const clock = await MovedClock.open();
      const bed = await FaultBed.open({ binary, protocol, relayVariables: clock.variables });
      try {
        const broken = await bed.through(async (traffic) => {
          await clock.set(offsetS);
          await traffic.flows();
          bed.proxy.cut();
        });

        expect(broken).toEqual([]);
        expect(bed.relay.log).toContain("clock_differs");
        await expectNowOf(bed);
      } finally {
        await bed.close();
        await clock.close();
      }
    });

    test("when the worker's clock is set back by an hour", async () => {
      const clock = await MovedClock.open();
      const bed = await FaultBed.open({ binary, protocol, workerVariables: clock.variables });
      try {
        const broken = await bed.through(async (traffic) => {
          await clock.set(-HOUR_S);
          const isAnew = await waitFor(10_000, async () =>
            bed.errors.includes("was set back by 3600 s") ? true : undefined,
          );
          expect(isAnew).toBe(true);
          await traffic.flows();
          // Longer than a write has to begin: in a time that stands still it would be too late.
          await pause(26_000);
        });

        expect(broken).toEqual([]);
      } finally {
        await bed.close();
        await clock.close();
      }
    });
  },
);

async function expectNowOf(bed: FaultBed): Promise<void> {
  const client = await bed.connect();
  const asked = { instance: INSTANCE, record_name: "sensor.temp" };
  const { json } = await client.call("get_record", asked);
  await client.close();
  expect(Math.abs(Date.now() - Date.parse(json.timestamp))).toBeLessThan(5_000);
}
