import fc from "fast-check";
import { expect, test } from "vitest";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { anyCharacter } from "../../support/any-character.ts";

test("parseOrUndefined gives what the JSON is", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify(value);
      expect(parseOrUndefined(text)).toEqual(JSON.parse(text));
    }),
  );
});

test.each(["", "{", "undefined", "NaN", "1 2", "'a'"])(
  "parseOrUndefined(%j) is undefined",
  (text) => {
    expect(parseOrUndefined(text)).toBeUndefined();
  },
);

test("parseOrUndefined throws for no text", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(() => parseOrUndefined(text)).not.toThrow();
    }),
  );
});
