import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { fakeInstance, reading } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function get(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "get_record", { record_name: "sensor.temp", ...args });
}

function holding(value: JsonValue, count = 1): FakeFleet {
  return new FakeFleet(
    Array.from({ length: count }, (_, i) =>
      fakeInstance(`gw-${i}/plant`, ["sensor.temp"], { sample: { value } }),
    ),
  );
}

describe("get_record", () => {
  test("has value, time and sequence, and says how old the value is", async () => {
    const { isError, json } = await get(new FakeFleet([fakeInstance("gw-1/plant")]));

    expect(isError).toBe(false);
    expect(json).toEqual({
      instance: "gw-1/plant",
      record_name: "sensor.temp",
      value: { celsius: 21.5 },
      timestamp: "2026-11-20T10:00:00.123456789Z",
      timestamp_source: "host",
      age_ms: 1_201,
      stale: false,
      sequence: 42,
      epoch: "abcdefgh.0",
    });
  });

  test("has a null sequence where arrivals can't be counted", async () => {
    const sample = { sequence: null, timeSource: "first_seen" } as const;
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { sample })]);

    expect((await get(fleet)).json).toMatchObject({
      sequence: null,
      timestamp_source: "first_seen",
    });
  });

  test.each([null, 0, false, "", [], {}])("has the value %j", async (value) => {
    expect((await get(holding(value))).json.value).toEqual(value);
  });

  test("answers for every instance that has the record", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant"),
      fakeInstance("gw-2/plant", ["other"]),
      fakeInstance("gw-3/plant"),
    ]);

    const { json } = await get(fleet);

    expect(json).toMatchObject({
      results: [{ instance: "gw-1/plant" }, { instance: "gw-3/plant" }],
      failed: [],
      complete: true,
    });
  });

  test("names what failed beside what came", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant"),
      fakeInstance("gw-2/plant", ["sensor.temp"], { failure: failure("relay_offline", "Away.") }),
    ]);

    expect((await get(fleet)).json).toMatchObject({
      results: [{ instance: "gw-1/plant" }],
      failed: [{ instance: "gw-2/plant", code: "relay_offline", message: "Away." }],
      complete: false,
    });
  });

  test("passes on the refusal of a single instance", async () => {
    const refusal = failure("relay_offline", "Away.", { offline_since: "2026-11-20T10:00:00Z" });
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { failure: refusal })]);

    const { isError, json } = await get(fleet);

    expect(isError).toBe(true);
    expect(json.error).toEqual({
      code: "relay_offline",
      message: expect.stringMatching(/^Away\. .*aimdb-relay/),
      offline_since: "2026-11-20T10:00:00Z",
    });
  });

  test("shows a device's texts without hidden characters", async () => {
    const sample = { value: { "a\u202e": "\u200b" }, timestamp: "\u202e", epoch: "\u2066" };
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { sample })]);

    expect((await get(fleet)).json).toMatchObject({
      value: { "a\\u{202e}": "\\u{200b}" },
      timestamp: "\\u{202e}",
      epoch: "\\u{2066}",
    });
  });

  test("shows the start of a value that is too long, and its advice gives all of it", async () => {
    const value = { text: "x".repeat(4_000), more: Array.from({ length: 5_000 }, (_, i) => i % 7) };
    const fleet = holding(value);

    const { json, text } = await get(fleet);
    const { bytes, start_of_json, advice } = json.value_truncated;

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.value).toBeNull();
    expect(bytes).toBe(Buffer.byteLength(JSON.stringify(value)));
    expect(JSON.stringify(value).startsWith(start_of_json.slice(0, -1))).toBe(true);
    expect(start_of_json.length).toBeGreaterThan(8_000);
    const [, max_bytes] = /^Ask again with max_bytes (\d+)\.$/.exec(advice) ?? [];
    expect((await get(fleet, { max_bytes: Number(max_bytes) })).json.value).toEqual(value);
  });

  test("among several advises to ask for the one alone", async () => {
    const fleet = holding("x".repeat(4_000), 5);
    const { json } = await get(fleet);
    const [{ instance, value_truncated }] = json.results;
    const [, max_bytes] =
      /^Ask this instance alone with max_bytes (\d+)\.$/.exec(value_truncated.advice) ?? [];

    const alone = await get(fleet, { instance, max_bytes: Number(max_bytes) });

    expect(json.complete).toBe(false);
    expect(alone.json.value).toBe("x".repeat(4_000));
  });

  test("says of a value that no answer can hold that it is so", async () => {
    const value = Array.from({ length: 20 }, () => "x".repeat(4_000));
    const { json, text } = await get(holding(value), { max_bytes: 48_000 });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(48_000);
    expect(json.value_truncated.advice).toBe("It is longer than any answer may be.");
  });

  test.each([9_900, 20_000, 47_000, 47_700, 47_900])(
    "gives a value of %i bytes, or advice that does not lead in a circle",
    async (bytes) => {
      const text = "x".repeat(4_000);
      const whole = Math.floor((bytes - 2) / 4_003);
      const value = Array.from({ length: whole }, () => text);
      value.push("x".repeat(bytes - 2 - whole * 4_003 - 2));
      const fleet = holding(value);
      expect(Buffer.byteLength(JSON.stringify(value))).toBe(bytes);

      const { json } = await get(fleet);
      const [, asked] = /max_bytes (\d+)/.exec(json.value_truncated.advice) ?? [];
      const again = await get(fleet, { max_bytes: Number(asked ?? 48_000) });

      expect(again.json.value !== null).toBe(asked !== undefined);
    },
  );
});

test.each(["line\u001b", "دما\u200cسنج"])(
  "get_record takes the key %j as it is listed",
  async (key) => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", [key])]);
    const { json } = await callTool(fleet, "list_records");
    const [{ record_key }] = json.records;

    const { json: one } = await get(fleet, { record_name: record_key });
    const { json: list } = await get(fleet, { record_name: [record_key] });

    expect(one).toMatchObject({ record_name: record_key, value: { celsius: 21.5 } });
    expect(list).toMatchObject({ records: [{ value: { celsius: 21.5 } }], complete: true });
  },
);

describe("get_record of several", () => {
  const plant = () => fakeInstance("gw-1/plant", ["sensor.temp", "sensor.hum"]);

  test("has each in the order asked, and names nearest to one that is not there", async () => {
    const { isError, json } = await get(new FakeFleet([plant()]), {
      record_name: ["sensor.hum", "sensor.tmp", "sensor.temp"],
    });

    expect(isError).toBe(false);
    expect(json).toMatchObject({
      instance: "gw-1/plant",
      records: [
        { record_name: "sensor.hum", value: { celsius: 21.5 }, sequence: 42 },
        {
          record_name: "sensor.tmp",
          error: {
            code: "unknown_record",
            message: expect.stringContaining("list_records"),
            nearest: expect.arrayContaining(["sensor.temp"]),
          },
        },
        { record_name: "sensor.temp", value: { celsius: 21.5 } },
      ],
      complete: false,
    });
  });

  test("is complete where each has a value, and asks for none twice", async () => {
    const fleet = new FakeFleet([plant()]);
    const { json } = await get(fleet, { record_name: ["sensor.hum", "sensor.hum"] });

    expect(json.records).toHaveLength(1);
    expect(json.complete).toBe(true);
  });

  test("leaves out instances that have none of them", async () => {
    const fleet = new FakeFleet([plant(), fakeInstance("gw-2/plant", ["other"])]);

    const { json } = await get(fleet, { record_name: ["sensor.temp", "sensor.hum"] });

    expect(json).toMatchObject({
      results: [{ instance: "gw-1/plant", complete: true }],
      failed: [],
      complete: true,
    });
  });

  test("leaves out of each instance what only others have", async () => {
    const fleet = new FakeFleet([plant(), fakeInstance("gw-2/plant", ["sensor.temp"])]);

    const { json } = await get(fleet, { record_name: ["sensor.temp", "sensor.hum"] });

    expect(json).toMatchObject({
      results: [
        { instance: "gw-1/plant", records: [{ value: {} }, { value: {} }], complete: true },
        { instance: "gw-2/plant", records: [{ record_name: "sensor.temp" }], complete: true },
      ],
      failed: [],
      complete: true,
    });
    expect(json.results[1].records).toHaveLength(1);
  });

  test("is not complete if one of the records is in no instance", async () => {
    const fleet = new FakeFleet([plant(), fakeInstance("gw-2/plant", ["sensor.temp"])]);

    const { json } = await get(fleet, { record_name: ["sensor.temp", "sensor.hun"] });

    const nearest = { code: "unknown_record", nearest: expect.any(Array) };
    expect(json).toMatchObject({
      results: [
        { records: [{ value: {} }, { record_name: "sensor.hun", error: nearest }] },
        { records: [{ value: {} }, { record_name: "sensor.hun", error: nearest }] },
      ],
      failed: [],
      complete: false,
    });
  });

  test("fails as a whole where the instance does", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant", ["a"], { failure: failure("instance_down", "Gone.") }),
    ]);

    expect((await get(fleet, { record_name: ["a"] })).json.error.code).toBe("instance_down");
  });

  test("shows fifty within its size, and says which way to the rest", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `line.${i}.temperature`);
    const fleet = new FakeFleet([fakeInstance("gw-1/plant", names)]);

    const short = await get(fleet, { record_name: names });
    const long = await get(fleet, { record_name: names, max_bytes: 20_000 });

    expect(Buffer.byteLength(short.text)).toBeLessThanOrEqual(10_000);
    expect(short.json.records.length + short.json.left_out).toBe(50);
    expect(short.json).toMatchObject({ complete: false, next: expect.any(String) });
    expect(long.json.records).toHaveLength(50);
    expect(long.json).toMatchObject({ complete: true });
  });

  test("cuts values that are too long, each with advice that gives all of it", async () => {
    const fleet = new FakeFleet([
      fakeInstance("gw-1/plant", ["a", "b", "c", "d"], {
        sample: { value: "x".repeat(4_000) },
      }),
    ]);

    const { json, text } = await get(fleet, { record_name: ["a", "b", "c", "d"] });
    const { advice } = json.records[3].value_truncated;
    const [, max_bytes] = /^Ask for this record alone with max_bytes (\d+)\.$/.exec(advice) ?? [];
    const alone = await get(fleet, { record_name: "d", max_bytes: Number(max_bytes) });

    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.records).toHaveLength(4);
    expect(json.complete).toBe(false);
    expect(alone.json.value).toBe("x".repeat(4_000));
  });
});

test("get_record says of the last known value of an offline device how old it is", async () => {
  const readings = new Map([
    [
      "sensor.temp",
      { ...reading("sensor.temp", { ageMs: 90_000 }), staleSince: "2026-11-20T09:58:00.000Z" },
    ],
  ]);
  const { isError, json } = await get(
    new FakeFleet([fakeInstance("gw-1/plant", ["sensor.temp"], { readings })]),
  );

  expect(isError).toBe(false);
  expect(json).toMatchObject({
    value: { celsius: 21.5 },
    stale: true,
    age_ms: 90_000,
    offline_since: "2026-11-20T09:58:00.000Z",
  });
});
