import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { DrainBatch } from "#shared/fleet/fleet.ts";
import { err, ok } from "#shared/result.ts";
import { every, fakeInstance, timedSample } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function drain(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "drain_record", { record_name: "sensor.temp", ...args });
}

function moving(): FakeFleet {
  const timelines = new Map([["sensor.temp", every(1_000, -9, 300, (n) => ({ n }))]]);
  return new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { timelines })]);
}

function playing(batch: DrainBatch): FakeFleet {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
  fleet.drainAnswer = ok(batch);
  return fleet;
}

describe("drain_record", () => {
  test("gives at first what is kept, then what is new, then nothing", async () => {
    const fleet = moving();

    const first = (await drain(fleet)).json;
    fleet.now += 3_000;
    const second = (await drain(fleet)).json;
    const third = (await drain(fleet)).json;

    expect(first).toMatchObject({
      instance: "gw-1/plant",
      record_name: "sensor.temp",
      count: 10,
      dropped_events: 0,
      more: false,
      shared: false,
      first: true,
      note: expect.stringContaining("first drain"),
    });
    expect(first.samples[0]).toEqual({
      sequence: 1,
      timestamp: "2026-11-20T09:59:51.000Z",
      timestamp_source: "observed",
      value: { n: -9 },
    });
    expect(second.samples.map(({ value }: { value: { n: number } }) => value.n)).toEqual([1, 2, 3]);
    expect(second.first).toBeUndefined();
    expect(third).toMatchObject({ samples: [], count: 0, more: false });
  });

  test("gives no more than limit, and says that there is more", async () => {
    const fleet = moving();

    expect((await drain(fleet, { limit: 4 })).json).toMatchObject({ count: 4, more: true });
    expect((await drain(fleet)).json).toMatchObject({ count: 6, more: false });
  });

  test("reaches every sample once, whatever fits", async () => {
    const fleet = moving();
    fleet.now += 290_000;
    const seen: number[] = [];
    let more = true;
    while (more) {
      const { json, text } = await drain(fleet, { max_bytes: 2_000, limit: 1_000 });
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2_000);
      seen.push(...json.samples.map(({ value }: { value: { n: number } }) => value.n));
      more = json.more;
    }

    expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => i - 9));
  });

  test("names what is missing", async () => {
    const { json } = await drain(
      playing({
        from: "samples",
        recordKey: "sensor.temp",
        loss: "counted",
        samples: [timedSample()],
        gaps: [{ reason: "not_kept", missed: 12 }],
        next: "9..e",
        more: false,
        isFirst: false,
      }),
    );

    expect(json).toMatchObject({
      dropped_events: 12,
      gaps: [{ reason: "not_kept", missed: 12 }],
      next_cursor: "9..e",
    });
  });

  test("gives again what came behind a cursor", async () => {
    const fleet = moving();
    const { json: first } = await drain(fleet, { limit: 3 });
    const lost = await drain(fleet, { limit: 3 });
    const again = await drain(fleet, { limit: 3, cursor: first.next_cursor });

    expect(again.json).toEqual(lost.json);
    expect(again.json.samples).toHaveLength(3);
  });

  test("says of the host's own drain that it is shared and has no times", async () => {
    const { json } = await drain(
      playing({
        from: "host",
        recordKey: "sensor.temp",
        values: [1, 21.700000762939453],
        more: true,
        isFirst: true,
      }),
    );

    expect(json).toMatchObject({
      samples: [{ value: 1 }, { value: 21.7 }],
      count: 2,
      dropped_events: null,
      more: true,
      shared: true,
      note: expect.stringMatching(/shared by all.*begins with this drain/),
    });
  });

  test("counts what the host gave and no answer can hold", async () => {
    const values = Array.from({ length: 1_000 }, () => "x".repeat(500));
    const { json, text } = await drain(
      playing({ from: "host", recordKey: "a", values, more: false, isFirst: false }),
    );

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.count).toBeGreaterThan(50);
    expect(json.count + json.not_shown).toBe(1_000);
  });

  test("needs exactly one instance, and names those there are", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant"), fakeInstance("gw-2/plant")]);

    const { json } = await drain(fleet, { instance: "gw-*/plant" });

    expect(json.error).toMatchObject({
      code: "ambiguous_instance",
      candidates: ["gw-1/plant", "gw-2/plant"],
    });
    expect(fleet.asked).toEqual([{ instances: "sensor.temp" }]);
  });

  test("passes on that a mailbox can't be drained", async () => {
    const fleet = moving();
    fleet.drainAnswer = err(failure("not_observable", "A mailbox."));

    expect((await drain(fleet)).json.error).toMatchObject({
      code: "not_observable",
      message: expect.stringContaining("get_record"),
    });
  });
});
