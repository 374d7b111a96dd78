/** Every rule of PROTOCOL.md has a test whose title cites its id, and no title cites another. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "./protocol-document.ts";

const TESTS = new URL("../../", import.meta.url);

/** Programs and packages, not suites. */
const NO_SUITES = /(^|\/)(hosts|fixtures|node_modules)\//;

const RULES = rules();
const IDS = RULES.map(({ id }) => id);
const TEXTS = readdirSync(TESTS, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts") && !NO_SUITES.test(path))
  .map((path) => readFileSync(new URL(path, TESTS), "utf8"));

function idsIn(text: string): string[] {
  return Array.from(text.matchAll(/\[([A-Z]-\d+)\]/g), ([, id = ""]) => id);
}

/** Where a citation counts: what a comment or the middle of a text holds proves nothing. */
function endsOfTitles(text: string): string[] {
  return Array.from(text.matchAll(/((?: \[[A-Z]-\d+\])+)"/g), ([, end = ""]) => end);
}

test("every rule is cited by a test's title", () => {
  const cited = new Set(TEXTS.flatMap(endsOfTitles).flatMap(idsIn));

  expect(IDS.filter((id) => !cited.has(id))).toEqual([]);
});

test("no test cites a rule that is not in the document", () => {
  const named = new Set(TEXTS.flatMap(idsIn));

  expect([...named].filter((id) => !IDS.includes(id))).toEqual([]);
});

test("the rules of a section are numbered from 1", () => {
  const sections = [...new Set(IDS.map((id) => id.charAt(0)))];
  const numbered = sections.flatMap((letter) =>
    IDS.filter((id) => id.startsWith(letter)).map((_id, i) => `${letter}-${i + 1}`),
  );

  expect(IDS).toEqual(numbered);
});

test.each(RULES)("rule $id is one sentence that says MUST", ({ text }) => {
  expect(text).toMatch(/\bMUST\b/);
  expect(text).toMatch(/^[^.]*(?:\.\S[^.]*)*\.$/);
});
