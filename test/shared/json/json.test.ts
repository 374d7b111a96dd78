import fc from "fast-check";
import { expect, test } from "vitest";
import { isJsonObject, parseJson } from "#shared/json/json.ts";

/** What exact reading makes of a value that JSON.stringify wrote. */
function exact(value: unknown): unknown {
  if (typeof value === "number") {
    const literal = JSON.stringify(value);
    return /^-?\d{16,}$/.test(literal) && !Number.isSafeInteger(value) ? literal : value;
  }
  if (Array.isArray(value)) return value.map(exact);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exact(item)]));
}

test("parseJson reads what JSON.stringify writes", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(parseJson(JSON.stringify(value))).toEqual(exact(JSON.parse(JSON.stringify(value))));
    }),
  );
});

test("parseJson keeps the digits of an integer that a double would round", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), (integer) => {
      const exact = Number.isSafeInteger(Number(integer)) ? Number(integer) : String(integer);
      expect(parseJson(`{"a":[${integer},"x"]}`)).toEqual({ a: [exact, "x"] });
    }),
  );
});

test.each([
  ['"1795171237452008398"', "1795171237452008398"],
  ['"\\"1795171237452008398\\""', '"1795171237452008398"'],
  ["0.12345678901234567", 0.12345678901234566],
  ["1795171237452008398e0", 1795171237452008400],
  ["-1795171237452008398", "-1795171237452008398"],
  ['{"1795171237452008398":1}', { "1795171237452008398": 1 }],
])("parseJson reads %s", (text, value) => {
  expect(parseJson(text)).toEqual(value);
});

test("parseJson accepts exactly what JSON.parse accepts", () => {
  const accepts = (parse: (text: string) => unknown, text: string) => {
    try {
      parse(text);
      return true;
    } catch (error) {
      return error instanceof SyntaxError ? false : error;
    }
  };
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(accepts(parseJson, text)).toBe(accepts(JSON.parse, text));
    }),
  );
});

test.each(["[", '{"a":'])("parseJson refuses what is nested deeper than hosts can", (open) => {
  const close = open === "[" ? "]" : "}";
  const nested = (depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

  expect(() => parseJson(nested(128))).not.toThrow();
  expect(() => parseJson(nested(129))).toThrow(SyntaxError);
  expect(() => parseJson(nested(400_000))).toThrow(SyntaxError);
  expect(() => parseJson(open.repeat(400_000))).toThrow(SyntaxError);
});

test("parseJson counts no brackets in strings", () => {
  const text = JSON.stringify({ a: "[{".repeat(500), 'b"\\': "]" });

  expect(parseJson(text)).toEqual(JSON.parse(text));
});

test.each([[[]], [null], ["{}"], [1], [undefined]])(
  "isJsonObject tells an object from %j",
  (value) => {
    expect(isJsonObject(value)).toBe(false);
    expect(isJsonObject({ value })).toBe(true);
  },
);
