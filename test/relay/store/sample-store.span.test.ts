/** What the store tells of a span of time, and of a record as a whole. */
import { describe, expect, test } from "vitest";
import { MAX_SAMPLE_BYTES } from "../../../relay/store/sample-store.ts";
import { createStore, filled, seen, valuesOf } from "../support/device/filled-store.ts";

describe("SampleStore.span", () => {
  const always = { fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };

  test("gives what was observed between two times, both included", () => {
    const { store } = filled(5);
    const span = store.span("a", { fromMs: 20, toMs: 40 });
    expect(valuesOf(span)).toEqual([2, 3, 4]);
    expect(span).toMatchObject({ gaps: [], oldest: { value: 1 } });
  });

  test("gives nothing of a span before or behind all, or of a record that was never seen", () => {
    const { store } = filled(2);
    expect(store.span("a", { fromMs: 0, toMs: 9 }).samples).toEqual([]);
    expect(store.span("a", { fromMs: 21, toMs: 90 }).samples).toEqual([]);
    expect(store.span("b", always)).toEqual({ samples: [], gaps: [], oldest: undefined });
  });

  test("names an interruption between two of its samples, once", () => {
    const { store } = filled(1);
    for (const atMs of [20, 30, 40]) {
      store.interrupt("a", atMs - 1);
      store.push("a", seen(atMs, { atMs }));
    }
    expect(store.span("a", always).gaps).toEqual([{ reason: "host_reconnected", missed: null }]);
    expect(store.span("a", { fromMs: 30, toMs: 35 }).gaps).toHaveLength(1);
  });

  test("names an interruption behind its last sample, if it was within the span", () => {
    const { store } = filled(2);
    store.interrupt("a", 50);
    const gap = { reason: "host_reconnected", missed: null };
    expect(store.span("a", always).gaps).toEqual([gap]);
    expect(store.span("a", { fromMs: 0, toMs: 50 }).gaps).toEqual([gap]);
    expect(store.span("a", { fromMs: 0, toMs: 49 }).gaps).toEqual([]);
  });

  test("adds up what was lost and what was not kept", () => {
    const store = createStore();
    store.push("a", seen(1, { atMs: 1 }));
    for (const atMs of [2, 3]) store.push("a", seen(atMs, { atMs, missed: 2 }));
    store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES), { atMs: 4 }));
    store.push("a", seen(5, { atMs: 5 }));
    store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES), { atMs: 6 }));

    expect(store.span("a", always).gaps).toEqual([
      { reason: "lost_at_host", missed: 4 },
      { reason: "not_kept", missed: 2 },
    ]);
  });

  test("is in order though the time of a sample was set back", () => {
    const store = createStore();
    for (const atMs of [30, 10, 40]) store.push("a", seen(atMs, { atMs }));
    expect(valuesOf(store.span("a", { fromMs: 30, toMs: 30 }))).toEqual([30, 10]);
  });
});

describe("SampleStore.meanIntervalMs", () => {
  test("is the mean of the times between samples", () => {
    expect(filled(5).store.meanIntervalMs("a")).toBe(10);
  });

  test("counts in what was lost", () => {
    const store = createStore();
    for (const atMs of [0, 30, 60]) store.push("a", seen(atMs, { atMs, missed: 2 }));
    expect(store.meanIntervalMs("a")).toBe(10);
  });

  test("does not reach behind an interruption, nor to a value that was there before", () => {
    const { store } = filled(5);
    store.interrupt("a", 60);
    store.push("a", seen(0, { atMs: 1_000, timeSource: "first_seen" }));
    for (const atMs of [2_000, 2_100]) store.push("a", seen(0, { atMs }));
    expect(store.meanIntervalMs("a")).toBeNull();
    store.push("a", seen(0, { atMs: 2_200 }));
    expect(store.meanIntervalMs("a")).toBe(100);
  });

  test.each([0, 1, 2])("of %d samples is not known", (count) => {
    expect(filled(count).store.meanIntervalMs("a")).toBeNull();
  });
});

test("SampleStore tells how much it keeps of a record", () => {
  const { store } = filled(3);
  expect(store.usage("a")).toEqual({ count: 3, bytes: store.bytes });
  expect(store.usage("b")).toEqual({ count: 0, bytes: 0 });
  expect(store.kept("a").map(({ value }) => value)).toEqual([1, 2, 3]);
  expect(store.kept("b")).toEqual([]);
});
