import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MethodResult } from "#shared/link/method.ts";
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import { stepsOf } from "../../../../worker/events/sample-events.ts";
import {
  areAtOrPast,
  areSame,
  endsOf,
  restOf,
  selectionOf,
} from "../../../../worker/relay/calls/watch-places.ts";
import { readResult, sample } from "../../../support/link/link-samples.ts";

type Entry = MethodResult<"samples.watch">["entries"][number];

const at = (sequence: number, epoch = "p.0") => ({ epoch, sequence });
const places = (of: Record<string, Cursor>) => new Map(Object.entries(of));
const samples = (...sequences: number[]) => sequences.map((sequence) => sample(at(sequence)));
const slow = (missed: number): Gap => ({ reason: "link_slow", missed });

function read(record: string, numbers: readonly number[], gaps: Gap[] = []): Entry {
  const cursor = at(numbers.at(-1) ?? 0);
  return { record, ok: readResult({ samples: samples(...numbers), gaps, cursor }) };
}

function answer(...entries: Entry[]): MethodResult<"samples.watch"> {
  return { entries, more: false };
}

const NONE: Entry = { record: "none", err: "unknown_record", message: "None." };

describe("selectionOf()", () => {
  const params = {
    records: [
      { record: "a", after: at(1) },
      { record: "b", after: at(2) },
    ],
    wait_ms: 20_000,
    max_samples: 10,
    max_bytes: 1_000,
  };
  const keyOf = (change: object) => selectionOf("samples.watch", { ...params, ...change })?.key;

  test("is the same whatever the order, the places and the wait", () => {
    const records = params.records.toReversed().map(({ record }) => ({ record, after: at(9) }));

    expect(keyOf({ records, wait_ms: 5 })).toBe(keyOf({}));
    expect(selectionOf("samples.watch", params)?.places).toEqual(places({ a: at(1), b: at(2) }));
  });

  test.each([
    { name: "records", change: { records: params.records.slice(1) } },
    { name: "samples at most", change: { max_samples: 11 } },
    { name: "bytes at most", change: { max_bytes: 1_001 } },
  ])("is another with other $name", ({ change }) => {
    expect(keyOf(change)).not.toBe(keyOf({}));
  });

  test.each([
    { name: "a record without a place", change: { records: [{ record: "a" }] } },
    { name: "a record named twice", change: { records: [params.records[0], params.records[0]] } },
    { name: "no wait", change: { wait_ms: 0 } },
    { name: "another form", change: { records: "a" } },
  ])("is none with $name", ({ change }) => {
    expect(keyOf(change)).toBeUndefined();
  });

  test("is none of another method", () => {
    expect(selectionOf("samples.read", params)).toBeUndefined();
  });
});

describe("areAtOrPast()", () => {
  test.each([
    { one: at(4), other: at(4), is: true },
    { one: at(5), other: at(4), is: true },
    { one: at(3), other: at(4), is: false },
    { one: at(5, "q.0"), other: at(4), is: false },
  ])("of $one and $other is $is", ({ one, other, is }) => {
    expect(areAtOrPast(places({ a: one, b: at(1) }), places({ a: other, b: at(1) }))).toBe(is);
  });

  test("holds both ways for the same places alone", () => {
    expect(areSame(places({ a: at(1) }), places({ a: at(1) }))).toBe(true);
    expect(areSame(places({ a: at(2) }), places({ a: at(1) }))).toBe(false);
  });
});

describe("endsOf()", () => {
  test("moves the records that had news", () => {
    const ends = endsOf(answer(read("a", [2, 3])), places({ a: at(1), b: at(7) }));

    expect(ends).toEqual(places({ a: at(3), b: at(7) }));
  });

  test.each([{ value: answer(read("a", [2]), NONE) }, { value: "?" }, { value: undefined }])(
    "is undefined for $value",
    ({ value }) => {
      expect(endsOf(value, places({ a: at(1), none: at(1) }))).toBeUndefined();
    },
  );
});

describe("restOf() of an answer to a reader at 10", () => {
  const from = places({ a: at(10), b: at(10) });
  const rest = (given: unknown, of: Record<string, Cursor>) => restOf(given, from, places(of));

  test("is what lies after the reader's own positions", () => {
    const given = answer(read("a", [11, 12, 13]), read("b", [11, 12]));

    expect(rest(given, { a: at(12), b: at(12) })).toEqual(answer(read("a", [13])));
  });

  test("has the gaps after them, and no other", () => {
    const given = answer(read("a", [14, 15, 20], [slow(3), { reason: "not_kept", missed: 4 }]));

    expect(rest(given, { a: at(14), b: at(10) })).toEqual(
      answer(read("a", [15, 20], [{ reason: "not_kept", missed: 4 }])),
    );
  });

  test.each(["link_slow", "budget"] as const)(
    "counts of a gap of %s what the reader misses of it",
    (reason) => {
      const given = (missed: number) => answer(read("a", [31, 32], [{ reason, missed }]));

      expect(rest(given(20), { a: at(25), b: at(10) })).toEqual(given(5));
    },
  );

  test.each([
    { name: "all of it is known", given: answer(read("a", [11])), of: { a: at(11), b: at(10) } },
    { name: "it is further on", given: answer(read("a", [11])), of: { a: at(12), b: at(10) } },
    {
      name: "a gap of another reason is where the reader stands",
      given: answer(read("a", [31], [{ reason: "not_kept", missed: 20 }])),
      of: { a: at(25), b: at(10) },
    },
    {
      name: "the reader is in another epoch",
      given: answer(read("a", [11])),
      of: { a: at(10, "q.0"), b: at(10) },
    },
    {
      name: "a record can't be read",
      given: answer(read("a", [11]), { ...NONE, record: "b" }),
      of: { a: at(10), b: at(10) },
    },
    { name: "it names another record", given: answer(read("c", [11])), of: { a: at(10) } },
    { name: "it has another form", given: { entries: 1 }, of: { a: at(10), b: at(10) } },
  ])("is undefined where $name", ({ given, of }) => {
    expect(rest(given, of)).toBeUndefined();
  });
});

/** What a relay could give behind place 0, its gaps where they lie. */
const anyRead = fc
  .array(
    fc.record({
      slow: fc.nat(3),
      lost: fc.nat(3),
      isBreak: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10 },
  )
  .map((holes) => {
    const gaps: Gap[] = [];
    let [sequence, breaks] = [0, 0];
    const kept = holes.map((hole) => {
      if (hole.isBreak) {
        breaks += 1;
        gaps.push({ reason: "host_reconnected", missed: null });
        sequence += 1;
      } else {
        if (hole.slow > 0) gaps.push(slow(hole.slow));
        if (hole.lost > 0) gaps.push({ reason: "lost_at_host", missed: hole.lost });
        sequence += 1 + hole.slow + hole.lost;
      }
      return at(sequence, `p.${breaks}`);
    });
    const cursor = kept.at(-1) ?? at(0);
    return readResult({ samples: kept.map((place) => sample(place)), gaps, cursor });
  });

test("a reader at any sample is told the same as one that heard it all, nothing twice or left out [S-9]", () => {
  fc.assert(
    fc.property(anyRead, fc.nat(20), (all, n) => {
      const from = at(0);
      const steps = stepsOf(from, all);
      const heard = steps.slice(0, (n % steps.length) + 1);
      const last = heard.findLastIndex(({ type }) => type === "sample");
      const place = steps[last]?.next ?? from;
      const entry = { record: "a", ok: all };

      const rest = restOf(answer(entry), places({ a: from }), places({ a: place }));
      const given = rest?.entries[0]?.ok ?? { ...all, samples: [], gaps: [] };

      expect(stepsOf(place, given)).toEqual(steps.slice(last + 1));
    }),
  );
});
