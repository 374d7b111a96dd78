import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Length } from "#shared/json/utf8-length.ts";
import { anyCharacter } from "../../support/any-character.ts";

test("utf8Length is what the encoder makes of any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});

test.each(["", "plain", "Küche", "🌡", "\ud800"])("utf8Length of %j", (text) => {
  expect(utf8Length(text)).toBe(Buffer.byteLength(text));
});
