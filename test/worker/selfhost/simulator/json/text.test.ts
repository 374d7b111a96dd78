import fc from "fast-check";
import { expect, test } from "vitest";
import {
  f32Text,
  floatText,
  sortedText,
} from "../../../../../worker/selfhost/simulator/json/text.ts";
import { objectOf } from "../../../../../worker/selfhost/simulator/json/value.ts";

test.each([
  [23, "23.0"],
  [-5, "-5.0"],
  [0, "0.0"],
  [-0, "-0.0"],
  [0.1, "0.1"],
  [1234567.75, "1234567.75"],
  [21.69999885559082, "21.69999885559082"],
  [0.00009999999747378752, "0.00009999999747378752"],
  [9.999999747378752e-6, "9.999999747378752e-6"],
  [8999999815811072, "8999999815811072.0"],
  [1.0000000272564224e16, "1.0000000272564224e+16"],
  [Number.NaN, "null"],
  [Number.NEGATIVE_INFINITY, "null"],
])("floatText() prints %d as a host prints an f64", (value, text) => {
  expect(floatText(value)).toBe(text);
});

test.each([
  [21.7, "21.7"],
  [23, "23.0"],
  [23.699999, "23.699999"],
  [4294967296, "4294967300.0"],
  [1e12, "1000000000000.0"],
  [1e13, "1e+13"],
  [1.1e-6, "0.0000011"],
  [9.9e-7, "9.9e-7"],
  [1e-45, "1e-45"],
  [Number.POSITIVE_INFINITY, "null"],
])("f32Text() prints %d as a host prints an f32", (value, text) => {
  expect(f32Text(Math.fround(value))).toBe(text);
});

test("sortedText() sorts the keys at every depth and keeps integers apart from floats", () => {
  const value = objectOf([
    ["b", [objectOf([["z", 1n]]), 1, null, true]],
    ["a", 'say "hi"\n'],
  ]);

  expect(sortedText(value)).toBe('{"a":"say \\"hi\\"\\n","b":[{"z":1},1.0,null,true]}');
});

test("f32Text() reads back as the same f32", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Math.fround(Number(f32Text(value)))).toBe(value);
    }),
  );
});

test("floatText() reads back as the same f64", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(floatText(value))).toBe(value);
    }),
  );
});
