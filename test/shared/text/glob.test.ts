import fc from "fast-check";
import { expect, test } from "vitest";
import { isGlob, matchesGlob } from "#shared/text/glob.ts";

test.each([
  ["*", "", true],
  ["*", "anything", true],
  ["", "", true],
  ["", "a", false],
  ["sensor.*", "sensor.temp", true],
  ["sensor.*", "sensor.", true],
  ["sensor.*", "sensors", false],
  ["*.temp", "a/b::c.temp", true],
  ["?", "a", true],
  ["?", "", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["a*b*c", "aXbYbc", true],
  ["a*b*c", "aXcYb", false],
  ["a.c", "abc", false],
  ["[ab]", "a", false],
  ["[ab]", "[ab]", true],
  ["(a|b)+$", "(a|b)+$", true],
  ["Sensor", "sensor", false],
])("matchesGlob(%j, %j) is %s", (pattern, text, matches) => {
  expect(matchesGlob(pattern, text)).toBe(matches);
});

test("matchesGlob agrees with the regular expression of the same meaning", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
  const patterns = fc.string({ unit: fc.constantFrom("a", "b", ".", "*", "?"), maxLength: 8 });
  fc.assert(
    fc.property(patterns, letters, (pattern, text) => {
      const source = pattern.replaceAll(".", "\\.").replaceAll("*", "[^]*").replaceAll("?", "[^]");
      expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${source}$`).test(text));
    }),
    { numRuns: 2_000 },
  );
});

test("matchesGlob of a text with itself is true where the text is no glob", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!isGlob(text));
      expect(matchesGlob(text, text)).toBe(true);
    }),
  );
});

test("matchesGlob stays fast on a pattern that makes backtracking explode", () => {
  expect(matchesGlob("*a".repeat(128), `${"a".repeat(2_000)}b`)).toBe(false);
});

test.each([
  ["/tmp/*.sock", true],
  ["/tmp/aimdb-?.sock", true],
  ["/tmp/aimdb.sock", false],
  ["/tmp/[a].sock", false],
])("isGlob(%j) is %s", (text, is) => {
  expect(isGlob(text)).toBe(is);
});
