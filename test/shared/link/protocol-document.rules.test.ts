/** Every rule of PROTOCOL.md has a test whose title cites its id, and no title cites another. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rules } from "./protocol-document.ts";

/** Rules that no title cites yet, and the file where one belongs. It only shrinks. */
const CITED_LATER: readonly (readonly [rule: string, file: string])[] = [
  ["T-1", "test/relay/link/dial.test.ts"],
  ["T-2", "test/worker/relay/upgrade.test.ts"],
  ["T-3", "test/relay/link/dial.test.ts"],
  ["T-4", "test/relay/net/worker-url.test.ts"],
  ["T-5", "test/relay/link/dial.test.ts"],
  ["T-6", "test/relay/link/dial.test.ts"],
  ["T-8", "test/worker/relay/relay-object.greeting.test.ts"],
  ["E-1", "test/relay/commands/enroll.test.ts"],
  ["E-2", "test/worker/relay/enroll.test.ts"],
  ["E-3", "test/worker/relay/enroll.test.ts"],
  ["E-4", "test/worker/team/team-object.enroll.test.ts"],
  ["E-5", "test/worker/team/team-object.enroll.test.ts"],
  ["E-6", "test/worker/team/team-object.enroll.test.ts"],
  ["E-7", "test/worker/relay/enroll.test.ts"],
  ["E-8", "test/relay/commands/enroll.test.ts"],
  ["D-1", "test/relay/identity/tokens.test.ts"],
  ["D-2", "test/worker/relay/upgrade.test.ts"],
  ["D-3", "test/worker/relay/dial.test.ts"],
  ["D-4", "test/worker/relay/upgrade.test.ts"],
  ["D-5", "test/worker/relay/dial.test.ts"],
  ["D-6", "test/worker/relay/relay-row.test.ts"],
  ["D-7", "test/relay/link/link-client.test.ts"],
  ["D-8", "test/relay/link/link-state.test.ts"],
  ["D-9", "test/worker/relay/session.test.ts"],
  ["H-1", "test/relay/link/link-client.test.ts"],
  ["H-2", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-3", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-4", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-5", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-6", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-7", "test/worker/relay/relay-object.greeting.test.ts"],
  ["H-8", "test/relay/link/link-state.test.ts"],
  ["H-9", "test/worker/relay/relay-object.greeting.test.ts"],
  ["F-3", "test/worker/relay/relay-object.greeting.test.ts"],
  ["F-6", "test/worker/relay/relay-object.greeting.test.ts"],
  ["R-1", "test/worker/relay/relay-object.calls.test.ts"],
  ["R-3", "test/relay/link/link-client.test.ts"],
  ["R-4", "test/worker/relay/pending.test.ts"],
  ["R-5", "test/worker/relay/pending.test.ts"],
  ["R-6", "test/worker/relay/relay-object.calls.test.ts"],
  ["R-7", "test/worker/relay/relay-object.calls.test.ts"],
  ["R-8", "test/relay/link/serve.test.ts"],
  ["R-9", "test/relay/link/serve.test.ts"],
  ["R-10", "test/relay/instances/writing.test.ts"],
  ["R-11", "test/worker/relay/relay-object.calls.test.ts"],
  ["R-12", "test/relay/link/serve.test.ts"],
  ["R-13", "test/relay/link/serve.test.ts"],
  ["R-14", "test/relay/link/answer.test.ts"],
  ["R-15", "test/relay/link/serve.test.ts"],
  ["R-16", "test/relay/link/serve.test.ts"],
  ["R-17", "test/worker/relay/call.test.ts"],
  ["M-2", "test/relay/instances/resolve-record.test.ts"],
  ["M-3", "test/relay/instances/catalog.test.ts"],
  ["M-4", "test/relay/instances/reading.test.ts"],
  ["M-5", "test/relay/instances/writing.test.ts"],
  ["M-6", "test/relay/instances/writing.test.ts"],
  ["M-7", "test/relay/instances/writing.test.ts"],
  ["M-8", "test/relay/instances/writing.test.ts"],
  ["M-9", "test/worker/relay/call.test.ts"],
  ["M-10", "test/relay/instances/writing.test.ts"],
  ["M-11", "test/relay/instances/writing.test.ts"],
  ["M-12", "test/relay/access/write-policy.test.ts"],
  ["M-13", "test/relay/instances/samples.test.ts"],
  ["M-14", "test/relay/instances/samples.test.ts"],
  ["M-15", "test/relay/store/sample-store.test.ts"],
  ["M-16", "test/relay/instances/samples.test.ts"],
  ["M-17", "test/relay/store/sample-store.model.test.ts"],
  ["M-18", "test/relay/instances/samples.test.ts"],
  ["S-1", "test/relay/link/link-sample.test.ts"],
  ["S-2", "test/relay/link/link-sample.test.ts"],
  ["S-3", "test/relay/instances/observer.test.ts"],
  ["S-4", "test/relay/store/sample-store.test.ts"],
  ["S-5", "test/relay/store/sample-store.test.ts"],
  ["S-6", "test/relay/store/sample-store.test.ts"],
  ["S-7", "test/relay/store/sample-store.test.ts"],
  ["I-1", "test/relay/link/link-client.test.ts"],
  ["I-2", "test/relay/link/link-client.test.ts"],
  ["I-3", "test/relay/link/inventory.test.ts"],
  ["I-4", "test/worker/relay/describe.test.ts"],
  ["B-2", "test/worker/relay/relay-object.greeting.test.ts"],
  ["B-4", "test/worker/relay/link.test.ts"],
  ["C-1", "test/relay/link/link-state.test.ts"],
  ["C-4", "test/relay/link/next-step.test.ts"],
  ["C-5", "test/relay/link/link-client.test.ts"],
  ["X-2", "test/worker/relay/relay-object.calls.test.ts"],
  ["X-3", "test/relay/instances/writing.test.ts"],
  ["X-4", "test/relay/link/serve.test.ts"],
];

const TESTS = new URL("../../", import.meta.url);

/** Programs and packages, not suites. */
const NO_SUITES = /(^|\/)(hosts|fixtures|node_modules)\//;

const RULES = rules();
const IDS = RULES.map(({ id }) => id);
const CITED = new Set(
  readdirSync(TESTS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts") && !NO_SUITES.test(path))
    .flatMap((path) => citedIn(readFileSync(new URL(path, TESTS), "utf8"))),
);

function citedIn(text: string): string[] {
  return Array.from(text.matchAll(/\[([A-Z]-\d+)\]/g), ([, id = ""]) => id);
}

test("every rule is cited by a test's title, or waits for one", () => {
  const waiting = new Set(CITED_LATER.map(([id]) => id));

  expect(IDS.filter((id) => !CITED.has(id) && !waiting.has(id))).toEqual([]);
});

test("no test cites a rule that is not in the document", () => {
  expect([...CITED].filter((id) => !IDS.includes(id))).toEqual([]);
});

test("no rule waits that is cited by now: take it out of CITED_LATER", () => {
  expect(CITED_LATER.filter(([id]) => CITED.has(id))).toEqual([]);
});

test("only rules of the document wait, each once", () => {
  const waiting = CITED_LATER.map(([id]) => id);

  expect(waiting).toEqual(IDS.filter((id) => waiting.includes(id)));
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
