import fc from "fast-check";
import { expect, test } from "vitest";
import {
  readStruct,
  readValue,
} from "../../../../../worker/selfhost/simulator/json/struct-reader.ts";
import type {
  Field,
  StructSpec,
} from "../../../../../worker/selfhost/simulator/json/struct-reader.ts";
import { sortedText } from "../../../../../worker/selfhost/simulator/json/text.ts";

const REQUEST: StructSpec = {
  name: "Request",
  shortList: false,
  fields: new Map<string, Field>([
    ["id", { type: "u64" }],
    ["method", { type: "string" }],
    ["params", { type: "value", optional: true }],
  ]),
};

/** Taken from a real AimX v1 host, which sends these texts. */
test.each([
  ["", "EOF while parsing a value at line 1 column 0"],
  ["{", "EOF while parsing an object at line 1 column 1"],
  ["{}", "missing field `id` at line 1 column 2"],
  ["{not json", "key must be a string at line 1 column 2"],
  ['{"id"', "EOF while parsing an object at line 1 column 5"],
  ['{"id":', "EOF while parsing a value at line 1 column 6"],
  ['{"id":1,', "EOF while parsing a value at line 1 column 8"],
  ['{"id":1,}', "trailing comma at line 1 column 9"],
  ['{"id" 1}', "expected `:` at line 1 column 7"],
  ['{"id":1 "x"}', "expected `,` or `}` at line 1 column 9"],
  ['{"id":1}', "missing field `method` at line 1 column 8"],
  ['{"id":1,"id":2,"method":"x"}', "duplicate field `id` at line 1 column 12"],
  ['{"id":1,"method":"x"} y', "trailing characters at line 1 column 23"],
  ['{"id":"1"}', 'invalid type: string "1", expected u64 at line 1 column 9'],
  ['{"id":-1}', "invalid value: integer `-1`, expected u64 at line 1 column 8"],
  ['{"id":1.0}', "invalid type: floating point `1.0`, expected u64 at line 1 column 9"],
  ['{"id":null}', "invalid type: null, expected u64 at line 1 column 10"],
  ['{"id":[]}', "invalid type: sequence, expected u64 at line 1 column 6"],
  ['{"id":01}', "invalid number at line 1 column 8"],
  ['{"id":1.}', "invalid number at line 1 column 9"],
  ['{"id":-}', "invalid number at line 1 column 8"],
  ['{"id":1e999}', "number out of range at line 1 column 11"],
  ['{"id":1,"method":"é",}', "trailing comma at line 1 column 23"],
  ['{"id":1,"method":"x\\q"}', "invalid escape at line 1 column 21"],
  ['{"id":1,"method":"\\ud800"}', "unexpected end of hex escape at line 1 column 25"],
  ['{"id":1,"method":"x', "EOF while parsing a string at line 1 column 19"],
  ['{"id":1,"method":"x","params":[1,2,]}', "trailing comma at line 1 column 36"],
  ['{"id":1,"method":"x","params":[1', "EOF while parsing a list at line 1 column 32"],
  ['{"id":1,"method":"x","params":tru}', "expected ident at line 1 column 34"],
  ['{"id":1,"method":"x","extra":[1,]}', "expected value at line 1 column 33"],
  ['{"id":1,"method":"x","extra":{"a":1,}}', "key must be a string at line 1 column 37"],
  ["[1]", "invalid length 1, expected struct Request with 3 elements at line 1 column 3"],
  ["5", "invalid type: integer `5`, expected struct Request at line 1 column 1"],
  ["nul", "EOF while parsing a value at line 1 column 3"],
  ["abc", "expected value at line 1 column 1"],
])("readStruct() refuses %s in the words of a host", (text, message) => {
  expect(readStruct(text, REQUEST)).toEqual({ ok: false, error: message });
});

test("readStruct() reads ids beyond a double exactly", () => {
  const read = readStruct('{"id":18446744073709551615,"method":"x"}', REQUEST);

  expect(read.ok && read.value.integer("id")).toBe(18446744073709551615n);
});

test("readStruct() takes a list for the fields in their order", () => {
  const read = readStruct('[7,"x",null]', REQUEST);

  expect(read.ok && [read.value.integer("id"), read.value.text("method")]).toEqual([7n, "x"]);
});

test("readStruct() skips unknown fields however deep they are nested", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);

  expect(readStruct(`{"zzz":${deep},"id":1,"method":"x"}`, REQUEST).ok).toBe(true);
});

test("readStruct() refuses what it reads at the 128th level", () => {
  const request = (depth: number): string =>
    `{"id":1,"method":"x","params":${"[".repeat(depth)}${"]".repeat(depth)}}`;

  expect(readStruct(request(126), REQUEST).ok).toBe(true);
  expect(readStruct(request(127), REQUEST)).toEqual({
    ok: false,
    error: "recursion limit exceeded at line 1 column 157",
  });
});

const PLAIN: StructSpec = {
  name: "Frame",
  shortList: true,
  fields: new Map<string, Field>([
    ["t", { type: "plain" }],
    ["topic", { type: "plain", optional: true }],
    ["params", { type: "raw", optional: true }],
  ]),
};

test.each(['{"t":"p\\u0069ng"}', '{"t":"x","topic":"a\\/b"}', '{"t":"x","topic":5}', '{"t":null}'])(
  "readStruct() refuses %s where a string must be plain",
  (text) => {
    expect(readStruct(text, PLAIN).ok).toBe(false);
  },
);

test("readStruct() keeps raw text as it came, escapes and blanks included", () => {
  const read = readStruct('{"t":"x","params": [1 , "\\u0041"]}', PLAIN);

  expect(read.ok && read.value.text("params")).toBe('[1 , "\\u0041"]');
});

test("readStruct() takes a list that ends early where the fields have defaults", () => {
  expect(readStruct('["x"]', PLAIN).ok).toBe(true);
  expect(readStruct("[]", PLAIN).ok).toBe(false);
});

test("readValue() reads back what sortedText() wrote", () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (json) => {
      const text = JSON.stringify(json);
      const read = readValue(text);
      if (!read.ok) throw new Error(read.error);
      const again = readValue(sortedText(read.value));
      expect(again).toEqual(read);
      expect(JSON.parse(sortedText(read.value))).toEqual(JSON.parse(text));
    }),
  );
});

test("readValue() accepts and refuses what JSON.parse does", () => {
  const almostJson = fc.stringMatching(/^[[\]{}":,0-9eE+\-. \\utrfalsn]*$/);
  fc.assert(
    fc.property(almostJson, (text) => {
      expect(readValue(text).ok).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

/** Where hosts are stricter, the text is not tried: lone surrogates and numbers out of range. */
function isJson(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    return JSON.stringify(parsed) !== undefined && readable(text);
  } catch {
    return false;
  }
}

function readable(text: string): boolean {
  const read = readValue(text);
  return read.ok || !/number out of range|surrogate|hex escape/.test(read.error);
}
