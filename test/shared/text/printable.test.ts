import fc from "fast-check";
import { expect, test } from "vitest";
import { plainLine, printable, printableLine } from "#shared/text/printable.ts";
import { anyCharacter } from "../../support/any-character.ts";

const ANY = fc.string({ unit: anyCharacter });
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

test.each([
  ["\u001b[2J", String.raw`\u001b[2J`],
  ["\u009b2J", String.raw`\u009b2J`],
  ["a\u202eb", String.raw`a\u202eb`],
  ["a\u200bb\ufeff", String.raw`a\u200bb\ufeff`],
  ["\u{e0041}", String.raw`\udb40\udc41`],
  ["temp\u3164", String.raw`temp\u3164`],
  ["temp\u{e0101}\ufe00", String.raw`temp\udb40\udd01\ufe00`],
  ["Kühlraum 東", "Kühlraum 東"],
])("printableLine(%j) is %j", (text, shown) => {
  expect(printableLine(text)).toBe(shown);
});

test("printable keeps the ends of lines, and nothing else that is not seen", () => {
  expect(printable("a\r\nb\t\n")).toBe("a\\u000d\nb\\u0009\n");
});

test("printableLine leaves nothing unseen, whatever comes", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(printableLine(text)).not.toMatch(UNSEEN);
    }),
  );
});

test("plainLine is plain ASCII, whatever comes", () => {
  fc.assert(
    fc.property(ANY, (text) => {
      expect(plainLine(text)).toMatch(/^[\x20-\x7e]*$/);
    }),
  );
});

test("printable leaves JSON the value that it was", () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: "grapheme" }), (json, text) => {
      expect(JSON.parse(printable(json))).toEqual(JSON.parse(json));
      expect(JSON.parse(printable(JSON.stringify(text)))).toBe(text);
    }),
  );
});
