import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toShownName } from "../../worker/shown-name.ts";

describe("a name that somebody gives", () => {
  test.each([
    ["Claude Code (aimdb)", "Claude Code (aimdb)"],
    ["  Claude  ", "Claude"],
    ["Überblick – 概要 🤖", "Überblick – 概要 🤖"],
    ["I ❤\ufe0f AimDB", "I ❤\ufe0f AimDB"],
    ["Việt हिन्दी ภาษาที่นี้ עִבְרִית", "Việt हिन्दी ภาษาที่นี้ עִבְרִית"],
    ["x".repeat(80), "x".repeat(80)],
  ])("may be %j", (text, name) => {
    expect(toShownName(text)).toBe(name);
  });

  test.each([
    { name: "nothing", text: "" },
    { name: "space", text: "   " },
    { name: "long", text: "x".repeat(81) },
    { name: "of two lines", text: "a\nb" },
    { name: "turned around", text: "a\u202eb" },
    { name: "isolated", text: "a\u2066b" },
    { name: "joined by nothing", text: "a\u200bb" },
    { name: "tagged", text: "a\u{e0041}" },
    { name: "of control characters", text: "a\u0007" },
    { name: "half a character", text: "a\ud800" },
    { name: "of fillers", text: "\u3164\u115f" },
    { name: "of a letter without dots", text: "\u2800" },
    { name: "with hidden bytes", text: "a\u{e0141}\u{e0142}" },
    { name: "drawn over the line below", text: `a${"\u0323".repeat(40)}` },
  ])("may not be $name", ({ text }) => {
    expect(toShownName(text)).toBeUndefined();
  });

  test("has no character that does not show, whatever comes", () => {
    const characters = fc
      .integer({ min: 0, max: 0x10ffff })
      .map((code) => String.fromCodePoint(code));
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 20 }), (text) => {
        expect(toShownName(text.join("")) ?? "").not.toMatch(
          /\p{C}|\p{Zl}|\p{Zp}|(?![\ufe0e\ufe0f])\p{Default_Ignorable_Code_Point}/u,
        );
      }),
    );
  });
});
