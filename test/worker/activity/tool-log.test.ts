import { describe, expect, test } from "vitest";
import type { ToolEntry } from "../../../worker/access/audit-entry.ts";
import { endedCall } from "../../../worker/activity/tool-entry.ts";
import { ToolLog } from "../../../worker/activity/tool-log.ts";

const TIMES = { endedAtMs: 1_000, durationMs: 5 };

function callOf(n: number, team = "t", code?: string) {
  const principal = { id: "ann", team, scopes: [], rightsVersion: 1, cause: `c${n}` };
  const structuredContent = code === undefined ? { n } : { error: { code } };
  const result = { content: [], structuredContent, isError: code !== undefined };
  return endedCall(
    { action: "tool.get_record", input: { record_name: "a" }, result },
    principal,
    TIMES,
  );
}

function begin(fails = false) {
  const stored: [string, readonly ToolEntry[]][] = [];
  const lost: [string, number][] = [];
  const held: Promise<void>[] = [];
  const waits: (() => void)[] = [];
  const log = new ToolLog({
    store: async (team, entries) => {
      if (fails) throw new Error("gone");
      stored.push([team, entries]);
    },
    wait: () => new Promise<void>((resolve) => waits.push(resolve)),
    hold: (work) => held.push(work),
    onLost: (team, count) => lost.push([team, count]),
  });
  const flush = async () => {
    for (const go of waits.splice(0)) go();
    await Promise.all(held);
  };
  return { log, stored, lost, held, flush };
}

describe("a call's outcome is reported as", () => {
  const outcomeOf = (structuredContent: Record<string, unknown>) => {
    const principal = { id: "ann", team: "t", scopes: [], rightsVersion: 1 };
    const result = { content: [], structuredContent };
    return endedCall({ action: "tool.set_record", input: {}, result }, principal, TIMES).entry
      .outcome;
  };

  test.each([
    [{ value: 1 }, "ok"],
    [{ outcome: "applied" }, "applied"],
    [{ outcome: "unknown", error: { code: "link_lost" } }, "unknown"],
    [{ outcome: "refused", error: { code: "refused_by_team" } }, "refused_by_team"],
    [{ status: "awaiting_confirmation" }, "awaiting_confirmation"],
    [{ error: { code: "relay_offline" } }, "relay_offline"],
  ])("%j is %s", (shown, outcome) => {
    expect(outcomeOf(shown)).toBe(outcome);
  });
});

describe("the tool log", () => {
  test("stores a second's calls of a team at once, in their order", async () => {
    const { log, stored, held, flush } = begin();

    for (const n of [1, 2, 3]) log.note(callOf(n));
    log.note(callOf(4, "other"));
    expect(held).toHaveLength(2);
    await flush();

    const ids = stored.map(([team, entries]) => [team, entries.map(({ call_id }) => call_id)]);
    expect(ids).toEqual([
      ["t", ["c1", "c2", "c3"]],
      ["other", ["c4"]],
    ]);
  });

  test("starts over after that second", async () => {
    const { log, stored, flush } = begin();
    log.note(callOf(1));
    await flush();
    log.note(callOf(2));
    await flush();

    expect(stored).toHaveLength(2);
  });

  test("keeps a list to its bound, and loses nothing beyond it", async () => {
    const { log, stored, flush } = begin();
    for (let n = 0; n < 1_100; n += 1) log.note(callOf(n));
    await flush();

    expect(stored.map(([, entries]) => entries.length)).toEqual([500, 500, 100]);
  });

  test("has a line for each call, whatever its outcome", async () => {
    const { log, stored, flush } = begin();
    for (let n = 0; n < 30; n += 1) log.note(callOf(n, "t", "unknown_record"));
    await flush();

    expect(new Set(stored[0]?.[1].map(({ call_id }) => call_id)).size).toBe(30);
  });

  test("says how many calls are not in the log when the team can't be reached", async () => {
    const { log, lost, flush } = begin(true);
    log.note(callOf(1));
    log.note(callOf(2));
    await flush();

    expect(lost).toEqual([["t", 2]]);
  });
});
