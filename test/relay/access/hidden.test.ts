import { expect, test } from "vitest";
import { withoutHidden, withoutHiddenNames } from "../../../relay/access/hidden.ts";
import { rowOf } from "../support/host-side/builders.ts";

const ROWS = ["internal.secret", "app.settings", "internal", "sensor.temp"].map((key) =>
  rowOf(key),
);

test.each<[string[], string[]]>([
  [[], ["internal.secret", "app.settings", "internal", "sensor.temp"]],
  [["internal.*"], ["app.settings", "internal", "sensor.temp"]],
  [["internal*", "sensor.temp"], ["app.settings"]],
  [["*"], []],
  [["Internal.*"], ["internal.secret", "app.settings", "internal", "sensor.temp"]],
])("withoutHidden %j leaves %j", (hidden, left) => {
  expect(withoutHidden(ROWS, hidden).map(({ record_key }) => record_key)).toEqual(left);
});

test("withoutHidden goes by the key, not by the type", () => {
  const rows = [rowOf("a", { type_name: "internal.secret" })];
  expect(withoutHidden(rows, ["internal.*"])).toEqual(rows);
});

test("withoutHiddenNames blots out the names wherever they stand, and nothing else", () => {
  const value = { inputs: ["a", "b", "ab"], more: { input: "a" }, a: 1, n: null };
  expect(withoutHiddenNames(value, new Set(["a"]))).toEqual({
    inputs: [null, "b", "ab"],
    more: { input: null },
    a: 1,
    n: null,
  });
});
