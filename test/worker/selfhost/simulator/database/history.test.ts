import { expect, test } from "vitest";
import { History } from "../../../../../worker/selfhost/simulator/database/history.ts";
import type { HistoryQuery } from "../../../../../worker/selfhost/simulator/database/history.ts";

const ALL: HistoryQuery = { matches: () => true, limitPerRecord: 100n };

function historyOf(rows: readonly (readonly [string, number])[], maxRows?: number): History {
  const history = new History(maxRows);
  for (const [record, at] of rows) {
    history.store({ record, storedAtMs: BigInt(at), text: String(at) });
  }
  return history;
}

function texts(history: History, query: Partial<HistoryQuery>): readonly string[] {
  return history.select({ ...ALL, ...query }).map(({ text }) => text);
}

test("a history answers newest first", () => {
  expect(
    texts(
      historyOf([
        ["a", 1],
        ["b", 2],
      ]),
      {},
    ),
  ).toEqual(["2", "1"]);
});

test("a history limits each record for itself", () => {
  const history = historyOf([
    ["a", 1],
    ["b", 2],
    ["a", 3],
  ]);

  expect(texts(history, { limitPerRecord: 1n })).toEqual(["3", "2"]);
});

test("a history includes both ends of the time asked for", () => {
  const history = historyOf([
    ["a", 1],
    ["a", 2],
    ["a", 3],
    ["a", 4],
  ]);

  expect(texts(history, { startMs: 2n, endMs: 3n })).toEqual(["3", "2"]);
});

test("a history forgets its oldest rows", () => {
  const rows = Array.from({ length: 100 }, (_, n) => ["a", n] as const);

  expect(texts(historyOf(rows, 3), {})).toEqual(["99", "98", "97"]);
});
