import fc from "fast-check";
import { expect, test } from "vitest";
import { parseWatchCursor, watchCursor } from "#shared/fleet/watch-cursor.ts";

test("a cursor is read from the text it was written as", () => {
  const cursor = fc.record({
    epoch: fc
      .string({ minLength: 1, maxLength: 40 })
      .filter((text) => !/[\n\r\u2028\u2029]/.test(text)),
    sequence: fc.nat(),
  });

  fc.assert(
    fc.property(cursor, (each) => {
      expect(parseWatchCursor(watchCursor(each))).toEqual(each);
    }),
  );
});

test.each([
  undefined,
  "",
  "e.0",
  ":4",
  "e.0:",
  "e.0:-1",
  "e.0:1.5",
  `${"e".repeat(41)}:4`,
  "e.0:1e9",
])("%j is no cursor", (text) => {
  expect(parseWatchCursor(text)).toBeUndefined();
});

test("any text is a cursor or none, and a cursor's sequence is a whole number", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const cursor = parseWatchCursor(text);
      expect(cursor === undefined || Number.isSafeInteger(cursor.sequence)).toBe(true);
    }),
  );
});
