import { expect, test } from "vitest";
import { RecentProblems } from "../../../relay/control/recent-problems.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { CollectingLog } from "../support/collecting-log.ts";

function begin() {
  const log = new CollectingLog();
  const clock = new ManualClock();
  return { log, clock, problems: new RecentProblems(log, clock) };
}

test("RecentProblems passes every event on", () => {
  const { log, problems } = begin();
  problems.info("a", { n: 1 });
  problems.warn("b");
  problems.error("c", { why: "x" });
  expect(log.entries).toEqual([
    { level: "info", event: "a", n: 1 },
    { level: "warn", event: "b" },
    { level: "error", event: "c", why: "x" },
  ]);
});

test("RecentProblems keeps warnings and errors with their time, oldest first", () => {
  const { clock, problems } = begin();
  problems.info("a");
  problems.warn("b", { n: 1, absent: undefined });
  clock.advance(1_000);
  problems.error("c");
  expect(problems.problems).toEqual([
    { time: "2026-11-20T12:00:00.000Z", level: "warn", event: "b", fields: { n: 1 } },
    { time: "2026-11-20T12:00:01.000Z", level: "error", event: "c", fields: {} },
  ]);
});

test("RecentProblems keeps the last twenty", () => {
  const { problems } = begin();
  for (let n = 0; n < 50; n += 1) problems.warn("b", { n });
  expect(problems.problems.map(({ fields }) => fields["n"])).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 30),
  );
});
