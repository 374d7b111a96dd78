import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson, type JsonValue } from "#shared/json/json.ts";
import { inferSchema } from "#shared/schema/infer-schema.ts";
import { anyJson } from "../link/frame-arbitraries.ts";
import { accepts } from "./accepts.ts";

function infer(values: readonly JsonValue[]) {
  return inferSchema({ typeName: "host::Thing", values });
}

/** Of one field `x`, which has these values. */
function fieldOf(values: readonly JsonValue[]) {
  const { schema, guessed } = infer(values.map((x) => ({ x })));
  const properties = schema["properties"] as Record<string, JsonValue>;
  return { schema: properties["x"], guessed: guessed.filter((text) => text.startsWith("x")) };
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

describe("inferSchema", () => {
  test("accepts every value that it was given [Q-6]", () => {
    const values = fc.array(fc.oneof(anyJson, fc.dictionary(fc.string(), anyJson)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(values, (values) => {
        const { schema } = infer(values);
        expect(values.filter((value) => !accepts(schema, value))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("accepts values of one form though some of their fields are null, absent or whole", () => {
    const value = fc.record(
      {
        celsius: fc.option(fc.oneof(fc.double({ noNaN: true }), fc.integer())),
        tags: fc.array(fc.oneof(fc.string(), fc.integer())),
        nested: fc.record({ on: fc.boolean(), note: fc.string() }, { requiredKeys: ["on"] }),
      },
      { requiredKeys: ["tags"] },
    );
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 30 }), (values) => {
        const json = values.map((one) => parseJson(JSON.stringify(one)));
        expect(json.filter((one) => !accepts(infer(json).schema, one))).toEqual([]);
      }),
    );
  });

  test("does not depend on the order of the values", () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), anyJson)), (values) => {
        const { schema } = infer(values);
        const backwards = infer(values.toReversed()).schema;
        for (const value of values) {
          expect(accepts(backwards, value)).toBe(true);
        }
        expect(Object.keys(schema["properties"] ?? {}).sort()).toEqual(
          Object.keys(backwards["properties"] ?? {}).sort(),
        );
      }),
    );
  });

  test("never lists values as an enum, few as they are [Q-8]", () => {
    fc.assert(
      fc.property(fc.array(anyJson, { maxLength: 5 }), (values) => {
        const { schema } = infer(values);
        expect(JSON.stringify(schema).includes('"enum":')).toBe(
          JSON.stringify(values).includes('"enum":'),
        );
      }),
    );
    expect(fieldOf(["info", "info", "warn"])).toEqual({
      schema: { type: "string", examples: ["info", "warn"] },
      guessed: ["x: 2 different texts in 3 samples; samples can't show whether the list is closed"],
    });
  });

  test("is named by the type, without its path", () => {
    const titleOf = (typeName: string) => inferSchema({ typeName, values: [] }).schema["title"];
    expect(titleOf("plant::sensors::Temperature")).toBe("Temperature");
    expect(titleOf("core::option::Option<plant::Temperature>")).toBe("Option<Temperature>");
    expect(titleOf("f64")).toBe("f64");
  });

  test("says of no values that nothing is known [Q-8]", () => {
    expect(infer([])).toEqual({
      schema: { $schema: "https://json-schema.org/draft/2020-12/schema", title: "Thing" },
      guessed: ["everything: no value was there to infer from"],
    });
  });

  test("requires fields that all values have, and says that this is a guess", () => {
    const { schema, guessed } = infer([{ a: true, b: true }, { a: false }]);
    expect(schema).toMatchObject({ required: ["a"], properties: { b: { type: "boolean" } } });
    expect(guessed).toContain(
      "required fields: are those that all samples have; some may be absent in others",
    );
  });
});

describe("inferSchema takes a number", () => {
  test("with a fraction for a decimal, and guesses nothing", () => {
    expect(fieldOf([2, 2.5])).toEqual({ schema: { type: "number" }, guessed: [] });
  });

  test("that was whole a few times for a decimal that may be an integer", () => {
    expect(fieldOf([7, 7, 8])).toEqual({
      schema: { type: "number" },
      guessed: ["x: whole so far; it may be an integer or a decimal"],
    });
  });

  test("that was many different whole ones for an integer, and says so", () => {
    expect(fieldOf(upTo(10))).toEqual({
      schema: { type: "integer" },
      guessed: ["x: whole in all 10 samples, so taken for an integer"],
    });
  });

  test("in a unit that is measured for a decimal, whole as it was", () => {
    const { schema } = infer(upTo(20).map((celsius) => ({ celsius })));
    expect(schema).toMatchObject({ properties: { celsius: { type: "number", unit: "°C" } } });
  });

  test("beyond 2^53, which is a text by now, for an integer", () => {
    const values = ["1795171237452008398", "1795171237452008399"].map((n) => parseJson(n));
    expect(fieldOf(values).schema).toMatchObject({ type: ["integer", "string"] });
    expect(fieldOf([7, ...values]).schema).toMatchObject({ type: ["integer", "string"] });
  });
});

describe("inferSchema takes", () => {
  test("null beside values for one of the types, not for the type", () => {
    expect(fieldOf([null, 2.5]).schema).toEqual({ type: ["number", "null"] });
  });

  test("nothing but null for something unknown", () => {
    expect(fieldOf([null, null])).toEqual({
      schema: {},
      guessed: ["x: always null so far; what else it can be is not known"],
    });
  });

  test("lists by all their items", () => {
    expect(fieldOf([[], [1.5, "a"], [null]]).schema).toEqual({
      type: "array",
      items: { type: ["number", "string", "null"], examples: ["a"] },
    });
  });

  test("empty lists for lists of something unknown", () => {
    expect(fieldOf([[]])).toEqual({
      schema: { type: "array", items: {} },
      guessed: ["x: no list with items was seen; what they are is not known"],
    });
  });

  test("values of several types for any of them", () => {
    expect(fieldOf(["Idle", { Running: { rpm: 9.5 } }, true]).schema).toMatchObject({
      type: ["boolean", "string", "object"],
      properties: { Running: { properties: { rpm: { unit: "rpm" } } } },
    });
  });

  test("ISO-8601 texts for times", () => {
    expect(fieldOf(["2026-11-20T12:00:00Z", "2026-11-20T13:00:00.123+01:00"])).toEqual({
      schema: { type: "string", format: "date-time" },
      guessed: ["x: an ISO-8601 time in all 2 samples, so taken for one"],
    });
    expect(fieldOf(["2026-11-20T12:00:00Z", "soon"]).schema).not.toHaveProperty("format");
  });

  test("fields of any name for fields", () => {
    const value = parseJson('{"__proto__":{"constructor":1.5},"toString":2.5}');
    const { schema } = infer([value]);
    expect(Object.keys(schema["properties"] ?? {})).toEqual(["__proto__", "toString"]);
    expect(accepts(schema, value)).toBe(true);
  });
});

describe("inferSchema is bounded", () => {
  test("in fields, and says so", () => {
    const wide = Object.fromEntries(upTo(5_000).map((n) => [`f${n}`, 1.5]));
    const { schema, guessed } = infer([wide]);
    expect(Object.keys(schema["properties"] ?? {})).toHaveLength(200);
    expect(guessed).toContain(".: has more fields, or deeper ones, than are described");
  });

  test("in depth, whatever hosts nest", () => {
    const deep = parseJson(`${'{"a":'.repeat(100)}1.5${"}".repeat(100)}`);
    const { schema } = infer([deep]);
    expect(JSON.stringify(schema).length).toBeLessThan(3_000);
    expect(accepts(schema, deep)).toBe(true);
  });

  test("in all it says of many fields with long names", () => {
    const value = Object.fromEntries(upTo(300).map((n) => [`${"x".repeat(5_000)}${n}`, null]));
    const { guessed } = infer([value]);
    expect(guessed).toHaveLength(51);
    expect(guessed.at(-1)).toMatch(/^and \d+ more, alike$/);
    expect(Math.max(...guessed.map(({ length }) => length))).toBeLessThan(250);
  });
});
