/** Networks: each fault once, with traffic before, through and after it. */
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { FaultBed } from "./fault-bed.ts";
import { pause } from "../support/pause.ts";
import { EACH } from "./rounds.ts";

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

  test("when the network drops all and tells nobody", async () => {
    const broken = await bed.through(
      async () => {
        bed.proxy.become({ type: "half_open" });
        // Both ends give up within 25 s, and the relay dials into the same silence.
        await pause(26_000);
        bed.proxy.become({ type: "fair" });
        bed.proxy.cut();
      },
      { within: 60_000 },
    );

    expect(broken).toEqual([]);
  });
});
