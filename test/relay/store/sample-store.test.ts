import { describe, expect, test } from "vitest";
import { MAX_SAMPLE_BYTES, type ReadBounds } from "../../../relay/store/sample-store.ts";
import { createStore, filled, seen, valuesOf } from "../support/device/filled-store.ts";

const ALL: ReadBounds = {
  maxBytes: Number.MAX_SAFE_INTEGER,
  maxSamples: 1_000,
  untilMs: Number.POSITIVE_INFINITY,
};

test("SampleStore numbers the samples of each record from 1 [S-4]", () => {
  const { store } = filled(2);
  store.push("b", seen("x"));

  expect(store.latest("a")).toMatchObject({ value: 2, sequence: 2, epoch: "p.0" });
  expect(store.latest("b")).toMatchObject({ value: "x", sequence: 1, epoch: "p.0" });
});

test("SampleStore has no latest sample of a record that it never saw", () => {
  expect(createStore().latest("a")).toBeUndefined();
});

test("SampleStore has no present sample of a record that was interrupted, until the next one", () => {
  const { store } = filled(2);
  expect(store.present("a")?.value).toBe(2);

  store.interrupt("a", 100);
  expect(store.present("a")).toBeUndefined();
  expect(store.latest("a")?.value).toBe(2);

  store.push("a", seen(3));
  expect(store.present("a")?.value).toBe(3);
});

test("SampleStore has no latest sample where the newest was too large to keep", () => {
  const { store } = filled(1);
  store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES)));
  expect(store.latest("a")).toBeUndefined();
});

test("SampleStore keeps a sample exactly as large as one may be", () => {
  const store = createStore();
  const value = "x".repeat(MAX_SAMPLE_BYTES - 2);
  store.push("a", seen(value));
  expect(store.latest("a")?.value).toBe(value);
});

test("SampleStore keeps what was observed, whatever its reader does to it", () => {
  const store = createStore();
  const value = { cells: [1, 2] };
  store.push("a", seen(value));
  value.cells.push(3);
  const read = store.latest("a")?.value as typeof value;
  read.cells.push(4);

  expect(store.latest("a")?.value).toEqual({ cells: [1, 2] });
});

test("SampleStore forgets records by how their names begin, and numbers go on behind them", () => {
  const store = createStore();
  for (const value of [1, 2, 3]) store.push("gone/a", seen(value));
  store.push("b", seen(4));
  const cursor = store.cursor("gone/a");
  const { bytes } = store.usage("b");

  store.forget("gone/");

  expect(store.latest("gone/a")).toBeUndefined();
  expect(store.bytes).toBe(bytes);
  store.push("gone/a", seen(5));
  expect(store.read("gone/a", cursor, ALL)).toMatchObject({
    samples: [{ value: 5, sequence: 4 }],
    gaps: [{ reason: "host_reconnected", missed: null }],
  });
  expect(store.read("b", store.oldestCursor("b"), ALL).gaps).toEqual([]);
});

describe("SampleStore read", () => {
  test("gives what came behind the cursor, oldest first, and the cursor behind it", () => {
    const { store, start } = filled(3);

    const reading = store.read("a", start, ALL);

    expect(valuesOf(reading)).toEqual([1, 2, 3]);
    expect(reading).toMatchObject({
      gaps: [],
      more: false,
      cursor: { epoch: "p.0", sequence: 3 },
    });
  });

  test("gives nothing twice to a reader that follows its cursor", () => {
    const { store, start } = filled(3);
    const { cursor } = store.read("a", start, ALL);
    store.push("a", seen(4));

    expect(valuesOf(store.read("a", cursor, ALL))).toEqual([4]);
  });

  test("keeps the cursor where nothing came", () => {
    const { store } = filled(3);
    const cursor = store.cursor("a");
    expect(store.read("a", cursor, ALL)).toEqual({ samples: [], gaps: [], cursor, more: false });
  });

  test("starts at the next sample for a cursor taken now", () => {
    const { store } = filled(3);
    const cursor = store.cursor("a");
    store.push("a", seen(4));
    expect(valuesOf(store.read("a", cursor, ALL))).toEqual([4]);
  });

  test("gives as many samples as were asked for and says that there are more [M-15]", () => {
    const { store, start } = filled(3);

    const reading = store.read("a", start, { ...ALL, maxSamples: 2 });

    expect(valuesOf(reading)).toEqual([1, 2]);
    expect(reading).toMatchObject({ more: true, cursor: { sequence: 2 } });
  });

  test("gives no sample where none was asked for", () => {
    const { store, start } = filled(3);
    const reading = store.read("a", start, { ...ALL, maxSamples: 0 });
    expect(reading).toEqual({ samples: [], gaps: [], cursor: start, more: true });
  });

  test("gives one sample however small the bound in bytes [M-15]", () => {
    const { store, start } = filled(3);
    const reading = store.read("a", start, { ...ALL, maxBytes: 1 });
    expect(valuesOf(reading)).toEqual([1]);
    expect(reading.more).toBe(true);
  });

  test.each([
    [600, 3],
    [599, 2],
    [400, 2],
    [399, 1],
  ])("counts 160 beside the length of a value's JSON: in %d fit %d [M-15]", (maxBytes, count) => {
    const store = createStore();
    const start = store.cursor("a");
    for (let n = 0; n < 4; n += 1) store.push("a", seen("x".repeat(38)));
    expect(store.read("a", start, { ...ALL, maxBytes }).samples).toHaveLength(count);
  });

  test("gives only what was observed up to the time asked for", () => {
    const { store, start } = filled(3);
    const reading = store.read("a", start, { ...ALL, untilMs: 20 });
    expect(valuesOf(reading)).toEqual([1, 2]);
    expect(reading.more).toBe(false);
  });

  test("gives nothing for a time before the first sample", () => {
    const { store, start } = filled(3);
    expect(store.read("a", start, { ...ALL, untilMs: 9 })).toMatchObject({
      samples: [],
      more: false,
    });
  });

  test.each([
    ["long decimals", () => Array.from({ length: 50 }, (_, i) => Math.fround(i * 1.1))],
    ["texts full of escapes", () => '\u0001"\n'.repeat(50)],
    ["texts in another script", () => "温度".repeat(50)],
  ])("bounds %s by their length on the wire", (_name, make) => {
    const store = createStore();
    const start = store.cursor("a");
    for (let n = 0; n < 50; n += 1) store.push("a", seen(make()));

    const reading = store.read("a", start, { ...ALL, maxBytes: 10_000 });

    expect(Buffer.byteLength(JSON.stringify(valuesOf(reading)))).toBeLessThanOrEqual(10_000);
  });
});

describe("SampleStore names a gap", () => {
  test("where the host lost samples, with their count [S-4] [S-6]", () => {
    const { store, start } = filled(1);
    store.push("a", seen(5, { missed: 3 }));

    const reading = store.read("a", start, ALL);

    expect(reading.gaps).toEqual([{ reason: "lost_at_host", missed: 3 }]);
    expect(reading.samples.map(({ sequence }) => sequence)).toEqual([1, 5]);
  });

  test("where a sample was too large to keep [S-6]", () => {
    const { store, start } = filled(1);
    store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES)));
    store.push("a", seen(3));

    const reading = store.read("a", start, ALL);

    expect(valuesOf(reading)).toEqual([1, 3]);
    expect(reading.gaps).toEqual([{ reason: "not_kept", missed: 1 }]);
  });

  test("for both reasons where both hold", () => {
    const { store, start } = filled(1);
    store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES)));
    store.push("a", seen(5, { missed: 2 }));

    expect(store.read("a", start, ALL).gaps).toEqual([
      { reason: "not_kept", missed: 1 },
      { reason: "lost_at_host", missed: 2 },
    ]);
  });

  test("where the host went away in between [S-5] [S-6]", () => {
    const { store, start } = filled(1);
    store.interrupt("a", 0);
    store.push("a", seen(2));

    const reading = store.read("a", start, ALL);

    expect(valuesOf(reading)).toEqual([1, 2]);
    expect(reading.gaps).toEqual([{ reason: "host_reconnected", missed: null }]);
    expect(reading.cursor).toEqual({ epoch: "p.1", sequence: 2 });
  });

  test("only once for an interruption", () => {
    const { store, start } = filled(1);
    store.interrupt("a", 0);
    store.push("a", seen(2));
    const { cursor } = store.read("a", start, ALL);
    store.push("a", seen(3));

    expect(store.read("a", cursor, ALL).gaps).toEqual([]);
  });

  test("not for a reader that came after the interruption", () => {
    const { store } = filled(1);
    store.interrupt("a", 0);
    const cursor = store.cursor("a");
    store.push("a", seen(2));
    expect(store.read("a", cursor, ALL).gaps).toEqual([]);
  });

  test("for a cursor of the relay's process before, and starts over [S-6] [S-7]", () => {
    const { store } = filled(2);

    const reading = store.read("a", { epoch: "q.3", sequence: 900 }, ALL);

    expect(valuesOf(reading)).toEqual([1, 2]);
    expect(reading.gaps).toEqual([{ reason: "relay_restarted", missed: null }]);
    expect(reading.cursor).toEqual({ epoch: "p.0", sequence: 2 });
  });

  test("of a restart at once, though nothing came yet", () => {
    const store = createStore();

    const first = store.read("a", { epoch: "q.0", sequence: 7 }, ALL);
    store.push("a", seen(1));
    const second = store.read("a", first.cursor, ALL);

    expect(first.gaps).toEqual([{ reason: "relay_restarted", missed: null }]);
    expect(second).toMatchObject({ samples: [{ value: 1 }], gaps: [] });
  });

  test("for an epoch that only begins like its own", () => {
    const { store } = filled(1);
    expect(store.read("a", { epoch: "pp.0", sequence: 1 }, ALL).gaps).toEqual([
      { reason: "relay_restarted", missed: null },
    ]);
  });
});

describe("SampleStore whose budget is used up", () => {
  const value = "x".repeat(1_000);

  test("gives the oldest sample of the record that holds most", () => {
    const store = createStore(5_000);
    const start = store.cursor("busy");
    store.push("quiet", seen(value));
    for (let n = 0; n < 6; n += 1) store.push("busy", seen(value));

    const reading = store.read("busy", start, ALL);

    expect(store.bytes).toBeLessThanOrEqual(5_000);
    expect(reading.samples.map(({ sequence }) => sequence)).toEqual([4, 5, 6]);
    expect(reading.gaps).toEqual([{ reason: "not_kept", missed: 3 }]);
    expect(store.latest("quiet")?.value).toBe(value);
  });

  test("keeps the latest sample of every record as long as another has more than one", () => {
    const store = createStore(5_000);
    for (const record of ["a", "b"]) store.push(record, seen(value));
    for (let n = 0; n < 9; n += 1) store.push("busy", seen(1));
    for (let n = 0; n < 3; n += 1) store.push("busy", seen(value));

    expect(store.latest("a")?.sequence).toBe(1);
    expect(store.latest("b")?.sequence).toBe(1);
    expect(store.latest("busy")?.sequence).toBe(12);
  });

  test("gives the largest of the latest samples where there is nothing else", () => {
    const store = createStore(2_000);
    store.push("large", seen("x".repeat(1_500)));
    store.push("small", seen(value));

    expect(store.bytes).toBeLessThanOrEqual(2_000);
    expect(store.latest("large")).toBeUndefined();
    expect(store.latest("small")?.value).toBe(value);
    expect(store.cursor("large").sequence).toBe(1);
  });

  test("has a record again that had to give all", () => {
    const store = createStore(2_000);
    store.push("a", seen("x".repeat(1_500)));
    store.push("b", seen(value));
    store.push("a", seen(2));

    expect(store.latest("a")).toMatchObject({ value: 2, sequence: 2 });
    expect(store.read("a", { epoch: "p.0", sequence: 0 }, ALL).gaps).toEqual([
      { reason: "not_kept", missed: 1 },
    ]);
  });
});

describe("SampleStore.oldestCursor", () => {
  test("is where a reader of everything kept begins, without a gap", () => {
    const store = createStore(5_000);
    for (let n = 1; n <= 9; n += 1) store.push("a", seen("x".repeat(1_000), { missed: 2 }));

    const reading = store.read("a", store.oldestCursor("a"), ALL);

    expect(reading.samples.map(({ sequence }) => sequence)).toEqual([18, 21, 24, 27]);
    expect(reading.gaps).toEqual([
      { reason: "lost_at_host", missed: 2 },
      { reason: "lost_at_host", missed: 2 },
      { reason: "lost_at_host", missed: 2 },
    ]);
  });

  test("is the newest place of a record of which nothing is kept", () => {
    const store = createStore();
    expect(store.oldestCursor("a")).toEqual({ epoch: "p.0", sequence: 0 });
    store.push("a", seen("x".repeat(MAX_SAMPLE_BYTES)));
    expect(store.oldestCursor("a")).toEqual({ epoch: "p.0", sequence: 1 });
  });
});

test("SampleStore counts the samples that it gave up", () => {
  const store = createStore(1_000);
  expect(store.shedCount).toBe(0);
  for (let n = 1; n <= 10; n += 1) store.push("a", seen("x".repeat(100)));
  const { samples } = store.read("a", { epoch: "p.0", sequence: 0 }, ALL);
  expect(store.shedCount).toBe(10 - samples.length);
  expect(store.shedCount).toBeGreaterThan(0);
});
