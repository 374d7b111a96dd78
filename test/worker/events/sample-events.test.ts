import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Gap } from "#shared/link/methods/samples-read.ts";
import {
  beforeNewest,
  stepsOf,
  withoutLeadingGaps,
  type Step,
} from "../../../worker/events/sample-events.ts";
import { sample } from "../../support/link/link-samples.ts";

const at = (sequence: number, epoch = "p.0") => ({ epoch, sequence });
const samples = (...places: ReturnType<typeof at>[]) => places.map((place) => sample(place));
const gap = (reason: Gap["reason"], missed: number | null = null): Gap => ({ reason, missed });

/** `5` for a sample, `not_kept:2` for a gap. */
function shown(steps: readonly Step[]): (string | number | null)[] {
  return steps.map((step) =>
    step.type === "sample" ? step.sample.sequence : `${step.gap.reason}:${step.gap.missed}`,
  );
}

describe("stepsOf() puts a gap", () => {
  test("between the samples that it separates", () => {
    const read = {
      samples: samples(at(6), at(9), at(10), at(15)),
      gaps: [gap("lost_at_host", 2), gap("not_kept", 3), gap("lost_at_host", 1)],
      cursor: at(15),
    };

    const steps = stepsOf(at(5), read);

    expect(shown(steps)).toEqual([6, "lost_at_host:2", 9, 10, "not_kept:3", "lost_at_host:1", 15]);
    expect(steps.map(({ next }) => next.sequence)).toEqual([6, 8, 9, 10, 13, 14, 15]);
  });

  test("before the first sample of another epoch, which goes on counting", () => {
    const read = {
      samples: samples(at(6), at(7, "p.1"), at(9, "p.1")),
      gaps: [gap("host_reconnected"), gap("not_kept", 1)],
      cursor: at(9, "p.1"),
    };

    const steps = stepsOf(at(5), read);

    expect(shown(steps)).toEqual([6, "host_reconnected:null", 7, "not_kept:1", 9]);
    expect(steps[1]).toMatchObject({ from: at(6), next: at(6, "p.1") });
  });

  test("of a restart first, and after it what that relay no longer keeps", () => {
    const read = {
      samples: samples(at(4, "q.0"), at(5, "q.0")),
      gaps: [gap("relay_restarted"), gap("not_kept", 3)],
      cursor: at(5, "q.0"),
    };

    const steps = stepsOf(at(90), read);

    expect(shown(steps)).toEqual(["relay_restarted:null", "not_kept:3", 4, 5]);
    expect(steps.slice(0, 2)).toMatchObject([
      { from: at(90), next: at(0, "q.0") },
      { from: at(0, "q.0"), next: at(3, "q.0") },
    ]);
  });

  test("of a host that came back since a restart where it came back", () => {
    const read = {
      samples: samples(at(1, "q.0"), at(2, "q.0"), at(3, "q.1")),
      gaps: [gap("relay_restarted"), gap("host_reconnected")],
      cursor: at(3, "q.1"),
    };

    const steps = stepsOf(at(90), read);

    expect(shown(steps)).toEqual(["relay_restarted:null", 1, 2, "host_reconnected:null", 3]);
    expect(steps[3]).toMatchObject({ from: at(2, "q.0"), next: at(2, "q.1") });
  });

  test("of a host that came back, of whose time before nothing is kept, before the first", () => {
    const read = {
      samples: samples(at(7, "q.2"), at(8, "q.3")),
      gaps: [gap("relay_restarted"), gap("host_reconnected"), gap("host_reconnected")],
      cursor: at(8, "q.3"),
    };

    expect(shown(stepsOf(at(90), read))).toEqual([
      "relay_restarted:null",
      "host_reconnected:null",
      7,
      "host_reconnected:null",
      8,
    ]);
  });

  test("of what a narrow line passed over before the newest, also if the host came back meanwhile", () => {
    const read = {
      samples: samples(at(21, "p.1"), at(22, "p.1")),
      gaps: [gap("link_slow", 15), gap("host_reconnected")],
      cursor: at(22, "p.1"),
    };

    const steps = stepsOf(at(5), read);

    expect(shown(steps)).toEqual(["link_slow:15", "host_reconnected:null", 21, 22]);
    // Who stops between the two is told the second when it returns.
    expect(steps.map(({ next }) => next)).toEqual([
      at(20),
      at(20, "p.1"),
      at(21, "p.1"),
      at(22, "p.1"),
    ]);
  });

  test("of a restart at the end if no sample has come since", () => {
    const read = { samples: [], gaps: [gap("relay_restarted")], cursor: at(0, "q.0") };

    expect(stepsOf(at(90), read)).toEqual([
      { type: "gap", gap: gap("relay_restarted"), from: at(90), next: at(0, "q.0") },
    ]);
  });
});

/** What a relay could have kept of a record, and where a reader stands. */
const anyRead = fc
  .record({
    start: fc.nat(5),
    holes: fc.array(fc.record({ lost: fc.nat(3), unkept: fc.nat(3), isBreak: fc.boolean() }), {
      maxLength: 12,
    }),
    isRestarted: fc.boolean(),
  })
  .map(({ start, holes, isRestarted }) => {
    const gaps: Gap[] = isRestarted ? [gap("relay_restarted")] : [];
    let [sequence, broken] = [isRestarted ? 0 : start, 0];
    const kept = holes.map(({ lost, unkept, isBreak }) => {
      if (isBreak) {
        broken += 1;
        gaps.push(gap("host_reconnected"));
        sequence += 1;
      } else {
        if (unkept > 0) gaps.push(gap("not_kept", unkept));
        if (lost > 0) gaps.push(gap("lost_at_host", lost));
        sequence += 1 + lost + unkept;
      }
      return at(sequence, `${isRestarted ? "q" : "p"}.${broken}`);
    });
    const cursor = kept.at(-1) ?? at(sequence, isRestarted ? "q.0" : "p.0");
    return { from: at(start), read: { samples: samples(...kept), gaps, cursor } };
  });

test("stepsOf() tells each sample and each gap once, in order, and ends at the cursor", () => {
  fc.assert(
    fc.property(anyRead, ({ from, read }) => {
      const steps = stepsOf(from, read);
      const told = steps.flatMap((step) => (step.type === "sample" ? [step.sample] : []));
      const gaps = steps.flatMap((step) => (step.type === "gap" ? [step.gap] : []));

      expect(told).toEqual(read.samples);
      expect(gaps).toEqual(read.gaps);
      expect(steps.at(-1)?.next ?? read.cursor).toEqual(read.cursor);
    }),
  );
});

test("a reader that has seen nothing misses nothing before its first sample", () => {
  const steps = stepsOf(at(3), {
    samples: samples(at(5, "p.1"), at(7, "p.1")),
    gaps: [gap("host_reconnected"), gap("not_kept", 1)],
    cursor: at(7, "p.1"),
  });

  expect(shown(withoutLeadingGaps(steps))).toEqual([5, "not_kept:1", 7]);
  expect(withoutLeadingGaps([])).toEqual([]);
  expect(beforeNewest(at(5))).toEqual(at(4));
  expect(beforeNewest(at(0))).toEqual(at(0));
});
