import { expect, test } from "vitest";
import { declaredText, decode } from "../../../../../worker/selfhost/simulator/json/shape.ts";
import type { Shape } from "../../../../../worker/selfhost/simulator/json/shape.ts";
import { readValue } from "../../../../../worker/selfhost/simulator/json/struct-reader.ts";

const TEMPERATURE: Shape = { struct: { sensor_id: "string", celsius: "f32", timestamp: "u64" } };
const OPTIONAL: Shape = { struct: { a: "u32", note: { option: "string" }, all: { list: "f64" } } };

function reprint(shape: Shape, text: string): string {
  const read = readValue(text);
  if (!read.ok) throw new Error(read.error);
  const decoded = decode(shape, read.value);
  return decoded.ok ? declaredText(shape, decoded.value) : "misfit";
}

test.each<[string, Shape, string, string]>([
  [
    "prints fields in declared order",
    TEMPERATURE,
    '{"timestamp":1,"celsius":21.7,"sensor_id":"s"}',
    '{"sensor_id":"s","celsius":21.7,"timestamp":1}',
  ],
  ["ignores unknown fields", { struct: { up: "u64" } }, '{"up":1,"x":2}', '{"up":1}'],
  ["refuses a missing field", { struct: { up: "u64" } }, "{}", "misfit"],
  ["takes a list for a struct", { struct: { up: "u64" } }, "[7]", '{"up":7}'],
  ["refuses a list of another length", { struct: { up: "u64" } }, "[7,8]", "misfit"],
  ["takes an integer for a float", "f32", "5", "5.0"],
  ["refuses a float for an integer", "u64", "1.0", "misfit"],
  ["keeps a u64 beyond a double", "u64", "18446744073709551615", "18446744073709551615"],
  ["refuses a u64 beyond its range", "u64", "18446744073709551616", "misfit"],
  ["refuses a negative u32", "u32", "-1", "misfit"],
  ["refuses a u32 beyond its range", "u32", "4294967296", "misfit"],
  ["takes a negative i64", "i64", "-9223372036854775808", "-9223372036854775808"],
  ["prints an f32 out of range as null", "f32", "1e39", "null"],
  ["refuses a number for a string", "string", "5", "misfit"],
  ["refuses null for a bool", "bool", "null", "misfit"],
  ["keeps any JSON with sorted keys", "json", '{"b":[1,1.0],"a":null}', '{"a":null,"b":[1,1.0]}'],
  [
    "lets an optional field be missing",
    OPTIONAL,
    '{"a":1,"all":[1,2.5]}',
    '{"a":1,"note":null,"all":[1.0,2.5]}',
  ],
  [
    "prints an optional field that is there",
    OPTIONAL,
    '{"a":1,"note":"x","all":[]}',
    '{"a":1,"note":"x","all":[]}',
  ],
  ["refuses a wrong element", OPTIONAL, '{"a":1,"all":["x"]}', "misfit"],
])("decode() %s", (_fact, shape, text, printed) => {
  expect(reprint(shape, text)).toBe(printed);
});
