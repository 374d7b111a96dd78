import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { RecordSchema } from "#shared/fleet/fleet.ts";
import { err } from "#shared/result.ts";
import { fakeInstance, timedSample } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

const schema: RecordSchema = {
  recordKey: "sensor.temp",
  typeName: "server::Temperature",
  schema: {
    type: "object",
    properties: { celsius: { type: "number", unit: "°C" } },
    required: ["celsius"],
  },
  sampleCount: 120,
  since: "2026-11-20T09:00:00.000Z",
  guessed: ["celsius: the unit, by its name"],
  example: timedSample({ value: { celsius: 21.700000762939453 } }),
};

function query(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "query_schema", { record_name: "sensor.temp", ...args });
}

function having(change: Partial<RecordSchema> = {}, count = 1): FakeFleet {
  const schemas = new Map([["sensor.temp", { ...schema, ...change }]]);
  return new FakeFleet(
    Array.from({ length: count }, (_, i) =>
      fakeInstance(`gw-${i}/plant`, ["sensor.temp"], { schemas }),
    ),
  );
}

describe("query_schema", () => {
  test("has the schema, what it was inferred from, and what is only guessed", async () => {
    const { isError, json } = await query(having());

    expect(isError).toBe(false);
    expect(json).toEqual({
      instance: "gw-0/plant",
      record_name: "sensor.temp",
      type_name: "server::Temperature",
      schema: schema.schema,
      inferred_from: { samples: 120, since: "2026-11-20T09:00:00.000Z" },
      guessed: ["celsius: the unit, by its name"],
      example: { celsius: 21.7 },
      example_at: "2026-11-20T10:00:00.123456789Z",
      example_age_ms: 1_201,
    });
  });

  test("has no example at the caller's wish", async () => {
    const fleet = having();
    const { json } = await query(fleet, { include_example: false });

    expect(json.example).toBeUndefined();
    expect(fleet.asked.at(-1)).toMatchObject({ includeExample: false });
  });

  test("says that it was inferred from nothing", async () => {
    const { json } = await query(having({ sampleCount: 0, since: null }));

    expect(json).toMatchObject({
      inferred_from: { samples: 0, since: null },
      note: expect.stringContaining("No value was seen"),
    });
  });

  test("answers for each instance that has the record", async () => {
    expect((await query(having({}, 3))).json.results).toHaveLength(3);
  });

  test("passes on why there is none", async () => {
    const fleet = having();
    fleet.schemaAnswer = err(failure("unknown_record", "None.", { nearest: ["a"] }));

    expect((await query(fleet)).json.error).toMatchObject({
      code: "unknown_record",
      nearest: ["a"],
    });
  });

  test("shows the start of a schema that is too long, and its advice gives all of it", async () => {
    const properties = Object.fromEntries(
      Array.from({ length: 400 }, (_, i) => [`field_${i}`, { type: "number" }]),
    );
    const fleet = having({ schema: { type: "object", properties } });

    const { json, text } = await query(fleet);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
    expect(json.schema).toBeNull();
    expect(json.schema_truncated.advice).toContain("max_bytes 48000");
    const whole = await query(fleet, { instance: "gw-0/plant", max_bytes: 48_000 });
    expect(whole.json.schema.properties).toEqual(properties);
  });

  test("shows a device's texts without hidden characters", async () => {
    const hidden = { recordKey: "\u202ea", typeName: "\u200b", guessed: ["\u2066"] };
    const { json } = await query(having({ ...hidden, schema: { "\u202e": 1 } }));

    expect(json).toMatchObject({
      record_name: "\\u{202e}a",
      type_name: "\\u{200b}",
      guessed: ["\\u{2066}"],
      schema: { "\\u{202e}": 1 },
    });
  });
});
