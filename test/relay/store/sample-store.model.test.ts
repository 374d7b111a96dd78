import fc from "fast-check";
import { expect, test } from "vitest";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import { MAX_SAMPLE_BYTES, SampleStore, type Reading } from "../../../relay/store/sample-store.ts";

const OVERSIZED = "x".repeat(MAX_SAMPLE_BYTES);

/** What is known of a produced value without looking into the store. */
interface Produced {
  readonly value: string;
  readonly sequence: number;
  readonly missed: number;
  readonly interruption: number;
}

/** A reading in terms that the model can check, whichever samples the store kept. */
interface Account {
  readonly samples: readonly (readonly [sequence: number, value: unknown, epoch: string])[];
  readonly holes: { readonly unknown: number; readonly atHost: number; readonly notKept: number };
  readonly cursor: Cursor;
}

class Model {
  readonly produced = new Map<number, Produced>();
  sequence = 0;
  interruptions = 0;

  push(value: string, missed: number): void {
    this.sequence += 1 + missed;
    const { sequence, interruptions: interruption } = this;
    this.produced.set(sequence, { value, sequence, missed, interruption });
  }

  /** What must be told of a reading behind `after` that gives the samples of these sequences. */
  account(after: Cursor, sequences: readonly number[]): Account {
    const restarted = !after.epoch.startsWith("p.");
    let cursor: Cursor = restarted ? { epoch: "p.0", sequence: 0 } : after;
    const holes = { unknown: restarted ? 1 : 0, atHost: 0, notKept: 0 };
    const samples = sequences.map((sequence) => {
      const { value, missed, interruption } = this.produced.get(sequence) ?? NEVER;
      const epoch = `p.${interruption}`;
      const hole = sequence - cursor.sequence - 1;
      const isCountable = epoch === cursor.epoch;
      const atHost = Math.min(hole, missed);
      holes.unknown += isCountable ? 0 : 1;
      holes.atHost += isCountable ? atHost : 0;
      holes.notKept += isCountable ? hole - atHost : 0;
      cursor = { epoch, sequence };
      return [sequence, value, epoch] as const;
    });
    return { samples, holes, cursor };
  }
}

const NEVER: Produced = { value: "never produced", sequence: 0, missed: 0, interruption: 0 };

function accountOf({ samples, gaps, cursor }: Reading): Account {
  const sum = (reason: string) =>
    gaps
      .filter((gap) => gap.reason === reason)
      .reduce((total, { missed }) => total + (missed ?? 0), 0);
  return {
    samples: samples.map(({ sequence, value, epoch }) => [sequence, value, epoch] as const),
    holes: {
      unknown: gaps.filter(({ missed }) => missed === null).length,
      atHost: sum("lost_at_host"),
      notKept: sum("not_kept"),
    },
    cursor,
  };
}

/** True if the samples lie behind the cursor, each behind the one before. */
function ascends(after: Cursor, { samples }: Reading): boolean {
  const start = after.epoch.startsWith("p.") ? after.sequence : 0;
  const sequences = [start, ...samples.map(({ sequence }) => sequence)];
  return sequences.every((sequence, i) => i === 0 || sequence > (sequences[i - 1] ?? 0));
}

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("push" as const), missed: fc.nat(3) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("push_oversized" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("interrupt" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("take_cursor" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("crowd" as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("read" as const),
        cursor: fc.nat(),
        maxSamples: fc.integer({ min: 0, max: 6 }),
        maxBytes: fc.integer({ min: 1, max: 2_000 }),
      }),
    },
  ),
  { maxLength: 60 },
);

type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

interface Played {
  readonly told: Account[];
  readonly true: Account[];
  isOrdered: boolean;
}

/** Does to a store and to its model the same, and keeps what both say of each reading. */
function play(store: SampleStore, steps: readonly Step[]): Played {
  const model = new Model();
  const cursors: Cursor[] = [store.cursor("a"), { epoch: "q.2", sequence: 5 }];
  const played: Played = { told: [], true: [], isOrdered: true };
  for (const [n, step] of steps.entries()) {
    const observed = { atMs: n, timeSource: "observed" } as const;
    switch (step.do) {
      case "push":
        model.push(`v${n}`, step.missed);
        store.push("a", { ...observed, value: `v${n}`, missed: step.missed });
        break;
      case "push_oversized":
        model.push(OVERSIZED, 0);
        store.push("a", { ...observed, value: OVERSIZED, missed: null });
        break;
      case "interrupt":
        model.interruptions += 1;
        store.interrupt("a", 0);
        break;
      case "take_cursor":
        cursors.push(store.cursor("a"));
        break;
      case "crowd":
        store.push("b", { ...observed, value: `w${n}`, missed: 0 });
        break;
      case "read": {
        const which = step.cursor % cursors.length;
        const after = cursors[which] ?? store.cursor("a");
        const reading = store.read("a", after, { ...step, untilMs: Number.POSITIVE_INFINITY });
        const sequences = reading.samples.map(({ sequence }) => sequence);
        played.told.push(accountOf(reading));
        played.true.push(model.account(after, sequences));
        played.isOrdered &&= ascends(after, reading) && sequences.length <= step.maxSamples;
        cursors[which] = reading.cursor;
        break;
      }
    }
  }
  return played;
}

test.each([
  ["enough room", 1_000_000],
  ["little room", 1_200],
])(
  "SampleStore with %s invents nothing, repeats nothing and counts every hole [S-6]",
  (_name, limitBytes) => {
    fc.assert(
      fc.property(steps, (steps) => {
        const store = new SampleStore({ limitBytes, processEpoch: "p" });
        const played = play(store, steps);
        expect(played.told).toEqual(played.true);
        expect(played.isOrdered).toBe(true);
      }),
      { numRuns: 400 },
    );
  },
);

test.each([
  ["enough room", 1_000_000, true],
  ["little room", 1_200, false],
])(
  "SampleStore with %s gives behind one cursor the same again [M-17]",
  (_name, limitBytes, keepsAll) => {
    const pushes = fc.array(fc.nat(3), { maxLength: 20 });
    const bounds = fc.record({
      maxSamples: fc.integer({ min: 0, max: 25 }),
      maxBytes: fc.integer({ min: 1, max: 5_000 }),
      untilMs: fc.constant(Number.POSITIVE_INFINITY),
    });
    fc.assert(
      fc.property(pushes, pushes, fc.nat(), bounds, (before, later, which, bounds) => {
        const store = new SampleStore({ limitBytes, processEpoch: "p" });
        const cursors = [store.cursor("a")];
        const push = (missed: number) => {
          store.push("a", { value: "v", atMs: 0, timeSource: "observed", missed });
          cursors.push(store.cursor("a"));
        };
        before.forEach(push);
        const after = cursors[which % cursors.length] ?? store.cursor("a");

        const first = store.read("a", after, bounds);
        later.forEach(push);
        const again = store.read("a", after, bounds);

        const kept = again.samples.filter(({ sequence }) => sequence <= first.cursor.sequence);
        expect(kept).toEqual(first.samples.slice(first.samples.length - kept.length));
        expect(kept.length).toBeGreaterThanOrEqual(keepsAll ? first.samples.length : 0);
      }),
    );
  },
);

test("SampleStore with enough room keeps all but the oversized", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 50 }), (oversized) => {
      const store = new SampleStore({ limitBytes: 10_000_000, processEpoch: "p" });
      const start = store.cursor("a");
      for (const [n, is] of oversized.entries()) {
        const value = is ? OVERSIZED : `v${n}`;
        store.push("a", { value, atMs: n, timeSource: "observed", missed: 0 });
      }
      const bounds = { maxSamples: 100, maxBytes: 10_000_000, untilMs: 100 };
      const values = store.read("a", start, bounds).samples.map(({ value }) => value);
      expect(values).toEqual(oversized.flatMap((is, n) => (is ? [] : [`v${n}`])));
    }),
  );
});

test("SampleStore stays within its budget, and gives latest samples last", () => {
  const pushes = fc.array(fc.record({ record: fc.nat(4), size: fc.nat(500) }), { maxLength: 80 });
  fc.assert(
    fc.property(pushes, fc.integer({ min: 500, max: 5_000 }), (pushes, limitBytes) => {
      const store = new SampleStore({ limitBytes, processEpoch: "p" });
      const bounds = { maxSamples: 1_000, maxBytes: 10_000_000, untilMs: 100 };
      for (const { record, size } of pushes) {
        const value = "x".repeat(size);
        store.push(String(record), { value, atMs: 0, timeSource: "observed", missed: 0 });
        const start = { epoch: "p.0", sequence: 0 };
        const kept = [0, 1, 2, 3, 4].map((name) => store.read(String(name), start, bounds).samples);
        const bytes = kept.flat().reduce((sum, sample) => sum + sample.bytes, 0);
        expect(store.bytes).toBe(bytes);
        expect(bytes).toBeLessThanOrEqual(limitBytes);
      }
    }),
    { numRuns: 60 },
  );
});
