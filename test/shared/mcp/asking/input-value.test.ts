import { describe, expect, test } from "vitest";
import type { JsonValue } from "#shared/json/json.ts";
import {
  MAX_INPUT_DEPTH,
  MAX_INPUT_ITEMS,
  MAX_INPUT_KEYS,
  MAX_INPUT_TEXT_BYTES,
  refusalOfInput,
} from "#shared/mcp/asking/input-value.ts";

/** Arguments whose `value` has so many levels. */
function nested(levels: number): JsonValue {
  let value: JsonValue = [];
  for (let level = 1; level < levels; level += 1) value = level % 2 === 0 ? [value] : { a: value };
  return { value };
}

function keyed(count: number): JsonValue {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, i]));
}

describe("refusalOfInput()", () => {
  test.each([
    null,
    true,
    "text\twith\nlines\r",
    "äöü € 😀",
    -1.5,
    Number.MAX_SAFE_INTEGER,
    -Number.MAX_SAFE_INTEGER,
    { celsius: 21.5, more: [{ a: 1 }, null] },
    { proto: 1, constructors: 2 },
    [],
    {},
  ])("lets %j pass", (value) => {
    expect(refusalOfInput(value)).toBeUndefined();
  });

  test.each([
    { name: "an integer that was rounded", value: 2 ** 53, why: "integer beyond" },
    { name: "a negative one", value: -(2 ** 53), why: "integer beyond" },
    { name: "one within", value: { a: [1, { b: 2 ** 60 }] }, why: "integer beyond" },
    { name: "a number beyond all doubles", value: JSON.parse('{"a":1e400}'), why: "no double" },
    { name: "a negative one beyond them", value: [-Infinity], why: "no double" },
    { name: "half of a surrogate pair", value: "a\ud83d", why: "surrogate pair" },
    { name: "the other half", value: { a: ["\ude00\ud83d"] }, why: "surrogate pair" },
    { name: "a field with half of one", value: { "\udfff": 1 }, why: "surrogate pair" },
    { name: "a null character", value: "a\u0000", why: "control characters" },
    { name: "an escape character", value: ["\u001b[2J"], why: "control characters" },
    {
      name: "a field with a control character",
      value: { "a\u0007": 1 },
      why: "control characters",
    },
    { name: "a field named constructor", value: { constructor: 1 }, why: "constructor" },
    { name: "a field named prototype", value: { a: { prototype: 1 } }, why: "prototype" },
    { name: "a field named __proto__", value: JSON.parse('{"__proto__":1}'), why: "__proto__" },
  ])("refuses $name", ({ value, why }) => {
    expect(refusalOfInput(value)).toContain(why);
  });

  test.each([
    { name: "depth", make: nested, limit: MAX_INPUT_DEPTH, why: "deeper than 10 levels" },
    { name: "keys", make: keyed, limit: MAX_INPUT_KEYS, why: "more than 100 keys" },
    {
      name: "items",
      make: (n: number) => ({ value: Array.from({ length: n }, () => 0) }),
      limit: MAX_INPUT_ITEMS,
      why: "more than 1000 items",
    },
    {
      name: "bytes of a text",
      make: (n: number) => ({ value: "x".repeat(n - 2) }),
      limit: MAX_INPUT_TEXT_BYTES,
      why: "more than 65536 bytes",
    },
  ])("takes the limit of $name and no more", ({ make, limit, why }) => {
    expect(refusalOfInput(make(limit))).toBeUndefined();
    expect(refusalOfInput(make(limit + 1))).toContain(why);
  });

  test("is not overwhelmed by depth", () => {
    expect(refusalOfInput(nested(5_000))).toContain("deeper than 10 levels");
  });

  test("does not repeat the input", () => {
    expect(refusalOfInput({ secret: "s3cret\u0000" })).not.toContain("s3cret");
  });
});
