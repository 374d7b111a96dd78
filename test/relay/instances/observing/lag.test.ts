/** Readers of a metered link: what they are given, and that each sample is given or counted. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { InstanceContext } from "../../../../relay/instances/context.ts";
import { readSamples } from "../../../../relay/instances/observing/samples.ts";
import { watchSamples } from "../../../../relay/instances/observing/watching.ts";
import { lagBound, paceOf } from "../../../../relay/link/line-share.ts";
import type { Reading } from "../../../../relay/store/sample-store.ts";
import { rowOf } from "../../support/host-side/builders.ts";
import type { BudgetLimits } from "../../../../relay/traffic/budget.ts";
import { metered } from "../../support/device/metered.ts";
import { contextOf } from "../../support/host-side/watched-host.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LIMITS = { hour: 100_000 };
const RECORDS = ["a", "b"] as const;
const ROWS: readonly RecordRow[] = RECORDS.map((key) => rowOf(key));

const from = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** What a reader of one record has been given by now. */
interface Had {
  cursor: Cursor;
  readonly values: unknown[];
  missed: number;
}

/** An instance whose samples a test pushes, read over a metered link. */
function begin(limits: Partial<BudgetLimits> = LIMITS) {
  const bed = metered(limits);
  const { clock, budget, traffic } = bed;
  const observer = {
    hold: () => () => {},
    watch: () => () => {},
    ensure: async () => "live",
  } as unknown as InstanceContext["observer"];
  const context: InstanceContext = { ...contextOf({}, clock), observer };
  const had = new Map(
    RECORDS.map((key): [string, Had] => [
      key,
      { cursor: { epoch: "p.0", sequence: 0 }, values: [], missed: 0 },
    ]),
  );
  const counts = new Map<string, number>();
  const produce = (key: string, count: number) => {
    for (let n = 0; n < count; n += 1) {
      const value = (counts.get(key) ?? 0) + 1;
      counts.set(key, value);
      const atMs = clock.monotonicMs();
      context.store.push(context.storeKey(key), { value, atMs, timeSource: "observed", missed: 0 });
    }
  };
  const how = (signal = new AbortController().signal) => {
    const allowance = budget.allowance();
    const line = { perSecond: undefined, knowsSlow: true, knowsBudget: true, allowance };
    return { signal, lag: lagBound(line), pace: paceOf(line) };
  };
  const take = (key: string, { samples, gaps, cursor }: Reading) => {
    const reader = had.get(key);
    if (reader === undefined) throw new Error(key);
    reader.values.push(...samples.map(({ value }) => value));
    reader.missed += gaps.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
    reader.cursor = cursor;
    traffic.noteSent(samples.reduce((sum, { bytes }) => sum + bytes, 0));
    return gaps.map(({ reason }) => reason);
  };
  const bounds = { wait_ms: 0, max_samples: 500, max_bytes: 100_000 };
  const watch = async (signal?: AbortSignal) => {
    const records = RECORDS.map((record) => ({ record, after: had.get(record)?.cursor }));
    const params = { records, ...bounds };
    const { entries } = await watchSamples(context, { rows: ROWS, params, ...how(signal) });
    return entries.flatMap(({ watched }) =>
      watched.ok ? take(watched.value.recordKey, watched.value.reading) : [],
    );
  };
  const read = async (key: string, given?: AbortSignal) => {
    const params = { ...bounds, after: had.get(key)?.cursor };
    const { pace, lag, signal } = how(given);
    const request = { params, signal, pace, lag: pace && lag };
    const reading = await readSamples(context, rowOf(key), request);
    return reading.ok ? take(key, reading.value) : [];
  };
  return { ...bed, counts, had, produce, watch, read };
}

test("a reader of a low budget rests, then goes on with the newest, the others counted as `budget` [U-2]", async () => {
  const { traffic, clock, had, produce, watch } = begin();
  traffic.noteSent(60_000);
  produce("a", 100);
  const first = await watch();
  produce("a", 100);
  const resting = await watch();
  clock.advance(30 * MINUTE_MS);
  const second = await watch();

  expect([first, resting, second]).toEqual([["budget"], [], ["budget"]]);
  const { values = [], missed } = had.get("a") ?? {};
  expect(values).toEqual([100, 200]);
  expect(missed).toBe(198);
});

test("a subscription that may end is given the newest in any case, and the count of the others [U-2]", async () => {
  const { traffic, had, produce, read } = begin();
  traffic.noteSent(60_000);
  produce("a", 100);
  await read("a");
  produce("a", 10);
  const resting = await read("a");

  expect(resting).toEqual(["budget"]);
  expect(had.get("a")).toMatchObject({ values: [100, 110], missed: 108 });
});

test("readers who are given the newest out of turn do not use up the turns of others [U-2]", async () => {
  const { traffic, clock, had, produce, watch, read } = begin();
  traffic.noteSent(60_000);
  for (let n = 0; n < 20; n += 1) {
    produce("a", 1);
    await read("a");
  }
  produce("b", 1);
  clock.advance(8 * MINUTE_MS);
  await watch();

  expect(had.get("b")?.values).toEqual([1]);
});

test("who went away leaves their turn to the others [U-2]", async () => {
  const { traffic, had, produce, watch, read } = begin();
  traffic.noteSent(60_000);
  const gone = AbortSignal.abort();
  await watch(gone);
  await read("b", gone);
  produce("a", 1);
  await watch();

  expect(had.get("a")?.values).toEqual([1]);
});

test.each([
  { count: 3, values: [1, 2, 3], missed: 0, gaps: [] },
  { count: 400, values: from(371, 400), missed: 370, gaps: ["budget"] },
])(
  "behind $count samples, a reader goes on with no more than a tenth of what is free when the hour turns [U-7]",
  async ({ count, gaps, ...given }) => {
    const { traffic, clock, had, produce, watch } = begin();
    traffic.noteSent(75_000);
    produce("a", count);
    clock.advance(HOUR_MS);

    expect(await watch()).toEqual(gaps);
    expect(had.get("a")).toMatchObject(given);
  },
);

test("a reader of a small monthly budget, of which 1 % is used, is given all that it waited for", async () => {
  const { traffic, had, produce, watch } = begin({ month: 50_000_000 });
  traffic.noteSent(500_000);
  produce("a", 400);

  expect(await watch()).toEqual([]);
  expect(had.get("a")).toMatchObject({ values: from(1, 400), missed: 0 });
});

test("whatever a budget leaves, each sample is given once or counted once, and none that was not there", async () => {
  const step = fc.oneof(
    fc.record({ key: fc.constantFrom(...RECORDS), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ waitMs: fc.integer({ min: 0, max: 8 * MINUTE_MS }) }),
    fc.record({ used: fc.integer({ min: 0, max: 3_000 }) }),
    fc.record({ reads: fc.constantFrom(...RECORDS, "both") }),
  );
  const used = fc.integer({ min: 40_000, max: 75_000 });
  const steps = fc.array(step, { maxLength: 60 });
  const isWhole = fc.asyncProperty(used, steps, async (before, all) => {
    const { traffic, clock, counts, had, produce, watch, read } = begin();
    traffic.noteSent(before);
    for (const one of all) {
      if ("count" in one) produce(one.key, one.count);
      else if ("waitMs" in one) clock.advance(one.waitMs);
      else if ("used" in one) traffic.noteSent(one.used);
      else if (one.reads === "both") await watch();
      else await read(one.reads);
    }
    clock.advance(HOUR_MS);
    await watch();
    return RECORDS.every((key) => {
      const { values = [], missed = 0 } = had.get(key) ?? {};
      const sorted = [...new Set(values.map(Number))].toSorted((a, b) => a - b);
      const total = counts.get(key) ?? 0;
      const isInOrder = JSON.stringify(sorted) === JSON.stringify(values);
      return isInOrder && (sorted.at(-1) ?? 0) <= total && values.length + missed === total;
    });
  });

  expect((await fc.check(isWhole)).failed).toBe(false);
});
