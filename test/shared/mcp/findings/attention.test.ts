import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import type { Latest } from "#shared/fleet/fleet.ts";
import {
  findingsOfInstance,
  findingsOfRecords,
  whyNotWritable,
  type RecordFacts,
} from "#shared/mcp/findings/attention.ts";
import type { DiagnosticsRow } from "#shared/mcp/answers/diagnostics-shape.ts";
import { err, ok } from "#shared/result.ts";
import { instanceRow, reading, recordRow } from "../support/builders.ts";

type RowChange = Parameters<typeof recordRow>[1];

/** A record that nothing is wrong with. */
function facts(change: RowChange = {}, other: Partial<RecordFacts> = {}): RecordFacts {
  const row = recordRow("a", { origin: "source", producer_count: 1, ...change });
  return { row, reading: ok(reading(row.record_key)), ...other };
}

function metrics(change: Partial<DiagnosticsRow>): Partial<RecordFacts> {
  const row = { record_key: "a", type_name: "A", buffer_type: "spmc_ring" } as const;
  return { metrics: { ...row, kept_samples: 0, kept_bytes: 0, ...change } };
}

function latest(ageMs: number): Latest {
  return { timestamp: "2026-11-20T10:00:00.000Z", timeSource: "observed", ageMs, sequence: 1 };
}

const NO_VALUE = { reading: err(failure("no_value", "Nothing yet.")) };

function kinds(...records: RecordFacts[]): string[] {
  return findingsOfRecords(records).map(({ kind }) => kind);
}

test("there is nothing to say of a record that is as it should be", () => {
  expect(kinds(facts())).toEqual([]);
  expect(kinds(facts({ latest: latest(900), mean_interval_ms: 500 }))).toEqual([]);
  expect(kinds(facts({}, metrics({ dropped_count: 0, occupancy: [69, 100] })))).toEqual([]);
});

describe("never_a_value", () => {
  test("is what was never produced or written, with the host's own count", () => {
    expect(findingsOfRecords([facts({ produced_count: 0 }, NO_VALUE)])).toEqual([
      { kind: "never_a_value", record: "a", evidence: { value: null, produced_count: 0 } },
    ]);
  });

  test("is not an empty mailbox, nor a record that could not be read", () => {
    expect(kinds(facts({ buffer_type: "mailbox" }, NO_VALUE))).toEqual([]);
    expect(kinds(facts({}, { reading: err(failure("instance_slow", "Late.")) }))).toEqual([]);
    expect(kinds(facts({}, { reading: undefined }))).toEqual([]);
  });
});

describe("value_lost", () => {
  test("is what was seen of a process that ended: it is empty now, and what is derived from it waits", () => {
    const row = recordRow("b", { origin: { transform: { input: "a" } }, producer_count: 1 });

    expect(findingsOfRecords([facts({ latest: latest(5) }, NO_VALUE), { row }])).toEqual([
      {
        kind: "value_lost",
        record: "a",
        evidence: { value: null, seen_until: "2026-11-20T10:00:00.000Z" },
      },
      { kind: "input_silent", record: "b", evidence: { inputs: ["a"] } },
    ]);
  });

  test("is not a ring, whose older samples some hosts don't keep", () => {
    expect(kinds(facts({ latest: latest(5), buffer_type: "spmc_ring" }, NO_VALUE))).toEqual([]);
  });
});

describe("no_producer", () => {
  test("is a record that somebody reads and nothing in the graph produces", () => {
    const idle = { producer_count: 0, consumer_count: 3, latest: latest(600_000.4) };

    expect(findingsOfRecords([facts(idle)])).toEqual([
      {
        kind: "no_producer",
        record: "a",
        evidence: { producer_count: 0, consumer_count: 3, writable: true, age_ms: 600_000 },
      },
    ]);
  });

  test("is not a setting that nobody waits for, nor a host without a graph", () => {
    expect(kinds(facts({ producer_count: 0, consumer_count: 0 }))).toEqual([]);
    expect(kinds(facts({ producer_count: null, consumer_count: null }))).toEqual([]);
  });
});

describe("stale", () => {
  test.each([
    { ageMs: 5_001, meanMs: 1_000, found: ["stale"] },
    { ageMs: 4_999, meanMs: 1_000, found: [] },
    { ageMs: 1_900, meanMs: 100, found: [] },
    { ageMs: 2_100, meanMs: 100, found: ["stale"] },
    { ageMs: 9e9, meanMs: null, found: [] },
  ])("of $ageMs ms at $meanMs ms between samples finds $found", ({ ageMs, meanMs, found }) => {
    expect(kinds(facts({ latest: latest(ageMs), mean_interval_ms: meanMs }))).toEqual(found);
  });

  test("is not what is old because its relay is away, nor what nothing produces", () => {
    const old = { latest: latest(9e9), mean_interval_ms: 10 };
    const away = { ...reading("a"), staleSince: "2026-11-20T09:00:00.000Z" };

    expect(kinds(facts(old, { reading: ok(away) }))).toEqual([]);
    expect(kinds(facts({ ...old, producer_count: 0, consumer_count: 0 }))).toEqual([]);
  });
});

test("input_silent follows what is derived from what is silent", () => {
  const silent = facts({}, NO_VALUE);
  const derived = facts({ record_key: "b", origin: { transform: { input: "a" } } });
  const joined = facts({ record_key: "c", origin: { transform_join: { inputs: ["x", "a"] } } });
  const odd = facts({ record_key: "d", origin: { transform: null, link: "a" } });

  expect(findingsOfRecords([silent, derived, joined, odd]).slice(1)).toEqual([
    { kind: "input_silent", record: "b", evidence: { inputs: ["a"] } },
    { kind: "input_silent", record: "c", evidence: { inputs: ["a"] } },
  ]);
});

describe("what metrics show", () => {
  test("is drops, with how many were produced", () => {
    expect(
      findingsOfRecords([facts({}, metrics({ dropped_count: 4, produced_count: 9 }))]),
    ).toEqual([{ kind: "drops", record: "a", evidence: { dropped_count: 4, produced_count: 9 } }]);
  });

  test.each([
    { occupancy: [70, 100], found: ["queue_nearly_full"] },
    { occupancy: [73, 100], found: ["queue_nearly_full"] },
    { occupancy: [0, 0], found: [] },
  ] as const)("is $found at $occupancy of a ring", ({ occupancy, found }) => {
    expect(kinds(facts({}, metrics({ occupancy: [...occupancy] })))).toEqual(found);
  });

  test("is not that the one place of a single-latest is taken", () => {
    const full = metrics({ occupancy: [1, 1], buffer_type: "single_latest" });
    expect(kinds(facts({}, full))).toEqual([]);
  });
});

test("mailbox_without_consumer is a mailbox that no tap or link reads", () => {
  const box = { buffer_type: "mailbox", origin: "passive", producer_count: 0 } as const;

  expect(kinds(facts({ ...box, consumer_count: 0 }))).toEqual(["mailbox_without_consumer"]);
  expect(kinds(facts({ ...box, consumer_count: null }))).toEqual([]);
});

test("not_writable has the device's own reason", () => {
  const row = { writable: false, writable_reason: "The device file does not open it.\u202e" };

  expect(whyNotWritable(facts(row))).toEqual([
    {
      kind: "not_writable",
      record: "a",
      evidence: { reason: "The device file does not open it.\\u{202e}" },
    },
  ]);
  expect(whyNotWritable(facts())).toEqual([]);
});

describe("findingsOfInstance()", () => {
  test.each([
    { status: "up", found: [] },
    {
      status: "down",
      reason: "Nobody listens.",
      found: [{ kind: "instance_down", evidence: { reason: "Nobody listens." } }],
    },
    {
      status: "offline",
      offlineSince: "2026-11-20T09:00:00.000Z",
      found: [{ kind: "relay_offline", evidence: { offline_since: "2026-11-20T09:00:00.000Z" } }],
    },
  ] as const)("says of one that is $status what is wrong", ({ found, ...change }) => {
    expect(findingsOfInstance(instanceRow("gw-1/plant", change))).toEqual(found);
  });
});
