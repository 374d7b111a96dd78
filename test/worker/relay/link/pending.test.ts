import { describe, expect, test } from "vitest";
import type { Reply } from "#shared/link/request.ts";
import {
  outcomeOf,
  PendingCalls,
  type PendingClock,
} from "../../../../worker/relay/link/pending.ts";

const LONG_MS = 60_000;

function reply(id: string, instance = "plant"): Reply {
  return { t: "reply", id, instance, ok: id };
}

/** Time stands still until it is moved. */
function standingClock() {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  const clock: PendingClock = {
    nowMs: () => nowMs,
    after: (ms, run) => {
      const timer = { atMs: nowMs + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
  };
  const advance = (ms: number): void => {
    const endMs = nowMs + ms;
    while (true) {
      const [next] = [...timers].toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      nowMs = next.atMs;
      timers.delete(next);
      next.run();
    }
    nowMs = endMs;
  };
  return { clock, timers, advance };
}

describe("PendingCalls", () => {
  test("gives each call its own reply [R-4]", async () => {
    const pending = new PendingCalls();
    const [a, b] = [pending.wait("a", "plant", LONG_MS), pending.wait("b", "plant", LONG_MS)];

    expect([pending.settle(reply("b")), pending.settle(reply("a"))]).toEqual([true, true]);
    expect([await a, await b]).toEqual([
      { type: "reply", reply: reply("a") },
      { type: "reply", reply: reply("b") },
    ]);
    expect(pending.size).toBe(0);
  });

  test("takes no reply twice [R-5]", async () => {
    const pending = new PendingCalls();
    const call = pending.wait("a", "plant", LONG_MS);
    pending.settle(reply("a"));

    expect(pending.settle(reply("a"))).toBe(false);
    await call;
  });

  test.each([reply("b"), reply("a", "other")])(
    "takes no reply with id $id of instance $instance [R-4]",
    async (stray) => {
      const pending = new PendingCalls();
      const call = pending.wait("a", "plant", LONG_MS);

      expect(pending.settle(stray)).toBe(false);
      expect(pending.size).toBe(1);
      pending.settle(reply("a"));
      expect(await call).toMatchObject({ type: "reply" });
    },
  );

  test("ends a call at its deadline and takes no reply after it [R-5]", async () => {
    const pending = new PendingCalls();

    expect(await pending.wait("a", "plant", 5)).toEqual({ type: "deadline" });
    expect(pending.size).toBe(0);
    expect(pending.settle(reply("a"))).toBe(false);
  });

  test("loses all calls at once", async () => {
    const pending = new PendingCalls();
    const calls = ["a", "b"].map((id) => pending.wait(id, "plant", LONG_MS));

    pending.loseAll();

    expect(await Promise.all(calls)).toEqual([{ type: "lost" }, { type: "lost" }]);
    expect(pending.size).toBe(0);
  });

  test("has one timer for all calls, which is gone soon after the last one", async () => {
    const { clock, timers, advance } = standingClock();
    const pending = new PendingCalls(clock);
    const [long, longer] = [pending.wait("a", "plant", 2_500), pending.wait("b", "plant", 9_000)];
    expect(timers.size).toBe(1);

    advance(2_500);
    expect(await long).toEqual({ type: "deadline" });
    expect([timers.size, pending.size]).toEqual([1, 1]);
    pending.settle(reply("b"));
    advance(1_000);

    expect(await longer).toMatchObject({ type: "reply" });
    expect(timers.size).toBe(0);
  });

  test("ends each call at its own deadline, whichever was asked first", async () => {
    const { clock, advance } = standingClock();
    const pending = new PendingCalls(clock);
    const ends: string[] = [];
    void pending.wait("late", "plant", 900).then(() => ends.push("late"));
    void pending.wait("early", "plant", 100).then(() => ends.push("early"));

    advance(100);
    await Promise.resolve();
    expect(ends).toEqual(["early"]);
    advance(800);
    await Promise.resolve();

    expect(ends).toEqual(["early", "late"]);
  });
});

describe("outcomeOf()", () => {
  test.each([
    { name: "a read's answer", ok: { value: 21.5 }, outcome: "ok" },
    { name: "a write that was applied", ok: { outcome: "applied" }, outcome: "applied" },
    { name: "a write that waits", ok: { outcome: "awaiting_local" }, outcome: "awaiting_local" },
    { name: "a word that a relay made up", ok: { outcome: "made_up" }, outcome: "ok" },
    { name: "an outcome that is no text", ok: { outcome: ["applied"] }, outcome: "ok" },
  ])("of $name is $outcome, for the metrics that all relays share", ({ ok, outcome }) => {
    expect(outcomeOf({ type: "reply", reply: { ...reply("a"), ok } })).toBe(outcome);
  });
});
