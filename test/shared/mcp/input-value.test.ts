import { describe, expect, test } from "vitest";
import { refusalOfInput } from "#shared/mcp/input-value.ts";

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

  test("does not repeat the input", () => {
    expect(refusalOfInput({ secret: "s3cret\u0000" })).not.toContain("s3cret");
  });
});
