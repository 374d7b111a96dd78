import { expect, test } from "vitest";
import { PresenceReporter } from "../../../worker/relay/presence-reporter.ts";
import type { PresenceReport } from "../../../worker/team/events/events-rpc.ts";

const report = (connected: boolean, atMs = 0): PresenceReport => ({
  atMs,
  connected,
  sinceMs: 0,
  instances: [],
});

/** What is sent, and how each sending ends. */
function begin() {
  const sent: PresenceReport[] = [];
  const waits: number[] = [];
  const state: {
    now: PresenceReport | undefined;
    failures: number;
    onSend: () => void;
    onWait: () => void;
    nowMs: number;
  } = {
    now: report(true),
    failures: 0,
    onSend: () => {},
    onWait: () => {},
    nowMs: 0,
  };
  const reporter = new PresenceReporter({
    read: () => state.now,
    send: async (one) => {
      sent.push(one);
      state.onSend();
      if (state.failures === 0) return;
      state.failures -= 1;
      throw new Error("The team object is being reset");
    },
    wait: async (ms) => {
      waits.push(ms);
      state.nowMs += ms;
      state.onWait();
    },
    nowMs: () => state.nowMs,
  });
  return { reporter, state, sent, waits };
}

test("a change is reported once, and not again while it stays the same", async () => {
  const { reporter, state, sent } = begin();
  await reporter.changed();
  state.now = report(true, 5);
  await reporter.changed();
  state.now = report(false, 6);
  await reporter.changed();

  expect(sent.map(({ connected }) => connected)).toEqual([true, false]);
});

test("a relay that was never created reports nothing", async () => {
  const { reporter, sent, state } = begin();
  state.now = undefined;
  await reporter.changed();

  expect(sent).toEqual([]);
});

test("a change during a report is reported after it", async () => {
  const { reporter, state, sent } = begin();
  state.onSend = () => {
    state.onSend = () => {};
    state.now = report(false);
    void reporter.changed();
  };
  await reporter.changed();

  expect(sent.map(({ connected }) => connected)).toEqual([true, false]);
});

test("a team that can't be reached is told again, less and less often, and then left to look itself", async () => {
  const { reporter, state, sent, waits } = begin();
  state.failures = 9;
  await reporter.changed();

  expect(sent).toHaveLength(4);
  expect(waits).toEqual([1_000, 4_000, 16_000]);

  state.failures = 0;
  await reporter.changed();
  expect(sent).toHaveLength(5);
});

test("a team that hangs is told again, and of what changes later", async () => {
  const sent: PresenceReport[] = [];
  const reporter = new PresenceReporter({
    read: () => report(true, sent.length),
    send: (one) => (sent.push(one) === 1 ? new Promise<never>(() => {}) : Promise.resolve()),
    toldWithinMs: 1,
    wait: () => Promise.resolve(),
    nowMs: () => 0,
  });
  await reporter.changed();

  expect(sent).toHaveLength(2);
});

test("a relay that changes all the time reports twelve times a minute, with its current state", async () => {
  const { reporter, state, sent, waits } = begin();
  for (let i = 0; i < 13; i += 1) {
    state.now = report(i % 2 === 0);
    state.onWait = () => {
      state.now = { ...report(true), instances: [{ name: "last", state: "up" }] };
      void reporter.changed();
    };
    await reporter.changed();
  }

  expect(sent).toHaveLength(13);
  expect(waits).toEqual([5_000]);
  expect(sent.at(-1)?.instances).toEqual([{ name: "last", state: "up" }]);
});
