/** What a reader is spared that can't keep up. */
import { expect, test } from "vitest";
import { SampleStore } from "../../../relay/store/sample-store.ts";

function filled(count: number) {
  const store = new SampleStore({ limitBytes: 1_000_000, processEpoch: "p" });
  for (let n = 1; n <= count; n += 1) {
    store.push("a", { value: n, atMs: n, timeSource: "observed", missed: 0 });
  }
  return { store, each: (store.latest("a")?.bytes ?? 0) + 1 };
}

const START = { epoch: "p.0", sequence: 0 };

test("bytesBehind counts what a reader has not had", () => {
  const { store } = filled(10);
  const newest = store.latest("a")?.bytes ?? 0;

  expect(store.bytesBehind("a", { ...START, sequence: 9 })).toBe(newest);
  expect(store.bytesBehind("a", { ...START, sequence: 10 })).toBe(0);
  expect(store.bytesBehind("never seen", START)).toBe(0);
});

test("passOver leaves the newest that fit, and counts the others as missing [S-8]", () => {
  const { store, each } = filled(10);

  expect(store.passOver("a", START, { keptBytes: 3 * each, reason: "link_slow" })).toEqual({
    cursor: { epoch: "p.0", sequence: 7 },
    gaps: [{ reason: "link_slow", missed: 7 }],
  });
});

test("passOver leaves the newest one however long it is, and passes over nothing that fits", () => {
  const { store, each } = filled(3);
  const over = (keptBytes: number) =>
    store.passOver("a", START, { keptBytes, reason: "link_slow" }).cursor.sequence;

  expect([over(0), over(2 * each), over(99 * each)]).toEqual([2, 1, 0]);
});

test("passOver tells of the holes that were there already, and of a relay that started anew", () => {
  const { store } = filled(2);
  store.interrupt("a", 2);
  store.push("a", { value: 3, atMs: 3, timeSource: "observed", missed: 4 });
  store.push("a", { value: 4, atMs: 4, timeSource: "observed", missed: 0 });
  const before = { epoch: "other.0", sequence: 9 };

  expect(store.passOver("a", before, { keptBytes: 0, reason: "link_slow" })).toEqual({
    cursor: { epoch: "p.1", sequence: 7 },
    gaps: [
      { reason: "relay_restarted", missed: null },
      { reason: "link_slow", missed: 3 },
      { reason: "host_reconnected", missed: null },
    ],
  });
});
