/** Clients that close their connection while they wait. */
import { expect, test } from "vitest";
import { endWithCaller } from "../../../worker/mcp/caller-gone.ts";

function begin(isRead: boolean, caller = new AbortController()) {
  const told: string[] = [];
  let answer: () => void = () => {};
  const handling = new Promise<void>((resolve) => (answer = resolve));
  const held: Promise<unknown>[] = [];
  const calls = { leave: async () => void told.push("left") };
  const end = () => void told.push("ended");
  const begun = { calls, handling, isRead: () => isRead, end };
  const timers: (() => void)[] = [];
  const platform = {
    hold: (promise: Promise<unknown>) => void held.push(promise),
    timer: (_ms: number, run: () => void) => {
      timers.push(run);
      return () => {};
    },
  };
  const stop = endWithCaller(caller.signal, begun, platform);
  return { told, held, timers, stop, goAway: () => caller.abort(), answer: () => answer() };
}

test("a read gives its place back as its caller goes, and is held until it has ended", async () => {
  const { told, held, goAway, answer } = begin(true);
  goAway();

  expect(told).toEqual(["ended", "left"]);
  expect(held).toHaveLength(1);
  answer();
  await held[0];
  expect(told).toContain("left");
});

test("a caller that went before is as gone as one that goes", () => {
  const caller = new AbortController();
  caller.abort();
  const { told, held } = begin(true, caller);

  expect(told).toEqual(["ended", "left"]);
  expect(held).toHaveLength(1);
});

test("a write keeps its place until it is done", async () => {
  const { told, held, goAway, answer } = begin(false);
  goAway();
  await Promise.resolve();

  expect(told).toEqual(["left"]);
  answer();
  await held[0];
  expect(told).toEqual(["left", "ended"]);
});

test("a write that takes longer than the platform holds it gives its place back before that", async () => {
  const { told, held, timers, goAway } = begin(false);
  goAway();
  timers[0]?.();
  await held[0];

  expect(told).toEqual(["left", "ended"]);
});

test("nothing is done for a caller that waits", async () => {
  const { told, held, answer } = begin(true);
  answer();
  await Promise.resolve();

  expect([told, held]).toEqual([[], []]);
});

test("a caller that goes once it has its answer is nobody's any more", () => {
  const { told, held, stop, goAway } = begin(true);
  stop();
  goAway();

  expect(told).toEqual([]);
  expect(held).toEqual([]);
});
