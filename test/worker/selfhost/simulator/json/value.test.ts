import { expect, test } from "vitest";
import { objectOf, toValue } from "../../../../../worker/selfhost/simulator/json/value.ts";

test("toValue() makes whole numbers integers and leaves fractions", () => {
  expect(toValue({ a: [1, 1.5, "x", null, 7n] })).toEqual(
    objectOf([["a", [1n, 1.5, "x", null, 7n]]]),
  );
});

test("objectOf() keeps a field named __proto__ as a field", () => {
  const object = objectOf([["__proto__", 5n]]);

  expect(Object.keys(object)).toEqual(["__proto__"]);
  expect(object["polluted"]).toBeUndefined();
});
