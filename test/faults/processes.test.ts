/** Processes that die, hang, or run on a machine that is not well. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { missingOf, orSkip } from "../support/needed.ts";
import type { Told } from "./counting.ts";
import { FaultBed, INSTANCE, nodeOff } from "./fault-bed.ts";
import { pause } from "../support/pause.ts";
import { EACH } from "./rounds.ts";

const hosts = inject("realHosts").filter(({ binary }) => binary !== undefined);

describe.each(hosts)(
  "nothing is lost, doubled or made up, AimX $protocol",
  EACH,
  ({ binary = "", protocol }) => {
    let bed: FaultBed;

    beforeAll(async () => {
      bed = await FaultBed.open({ binary, protocol });
    });
    afterAll(() => bed.close());

    test("when the worker is killed", async () => {
      expect(await bed.through(() => bed.killWorker())).toEqual([]);
    });

    test("when the relay is killed", async () => {
      const broken = await bed.through(async () => {
        await bed.relay.stop("SIGKILL");
        await pause(500);
        bed.relay.start();
      });

      expect(broken).toEqual([]);
    });

    test("when the host is killed, its socket file stays, and it starts again", async () => {
      const broken = await bed.through(async () => {
        await bed.killHost();
        await pause(1_000);
        await bed.startHost();
      });

      expect(broken).toEqual([]);
    });

    test("when the host hangs for a while", async () => {
      const broken = await bed.through(
        async () => {
          bed.host.hang();
          await pause(8_000);
          bed.host.goOn();
        },
        { within: 90_000 },
      );

      expect(broken).toEqual([]);
    });
  },
);

function hasLostSome({ gaps }: Told): boolean {
  return gaps.some(({ reason, missed }) => reason === "lost_at_host" && Number(missed) > 0);
}

const counting = hosts.find(({ protocol }) => protocol === "3.0");

describe.skipIf(counting === undefined)("a host that counts what it drops", EACH, () => {
  test("drops some where its relay hangs, and every reader is told how many", async () => {
    // As much as sockets hold, and a ring of 16, are full long before the end.
    const fast = { binary: counting?.binary ?? "", protocol: "3.0", periodMs: 5 } as const;
    const bed = await FaultBed.open(fast);
    try {
      const broken = await bed.through(async ({ heard }) => {
        bed.relay.hang();
        await pause(4_000);
        bed.relay.goOn();
        const areTold = await waitFor(30_000, async () =>
          Object.values(heard).every((told) => told.some(hasLostSome)) ? true : undefined,
        );
        expect(areTold).toBe(true);
      });

      expect(broken).toEqual([]);
    } finally {
      await bed.close();
    }
  });
});

describe.skipIf(hosts.length === 0)("a relay object that slept", EACH, () => {
  test("goes on where it was, and so does a subscription of before", async () => {
    const [{ binary = "", protocol } = { binary: "", protocol: "3.0" as const }] = hosts;
    const bed = await FaultBed.open({ binary, protocol });
    try {
      const broken = await bed.through(async (traffic) => {
        const { dials } = bed.proxy;
        await traffic.rests(async () => {
          expect(await bed.sleeps()).toBe(true);
        });
        expect(bed.proxy.dials).toBe(dials);
      });

      expect(broken).toEqual([]);
    } finally {
      await bed.close();
    }
  });
});

const CAN_FAKE_TIME = orSkip(
  missingOf(["faketime"]).length === 0,
  "NO FAKETIME: apt-get install faketime. No device with a wrong clock is tried.",
);

describe.skipIf(hosts.length === 0 || !CAN_FAKE_TIME)(
  "a device whose clock is an hour off",
  EACH,
  () => {
    test.each(["+1h", "-1h"])("%s serves as any other", async (offset) => {
      const folder = await mkdtemp(join(tmpdir(), "aimdb-clock-"));
      const [{ binary = "", protocol } = { binary: "", protocol: "3.0" as const }] = hosts;
      const bed = await FaultBed.open({ binary, protocol, node: await nodeOff(folder, offset) });
      try {
        expect(await bed.through(async () => bed.proxy.cut())).toEqual([]);
        expect(bed.relay.log).toContain("clock_differs");
        const client = await bed.connect();
        const { json } = await client.call("get_record", {
          instance: INSTANCE,
          record_name: "sensor.temp",
        });
        expect(Math.abs(Date.now() - Date.parse(json.timestamp))).toBeLessThan(5_000);
        await client.close();
      } finally {
        await bed.close();
        await rm(folder, { recursive: true, force: true });
      }
    });
  },
);
