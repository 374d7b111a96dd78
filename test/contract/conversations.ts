/**
 * The conversations of the plan this server comes from (its appendix C): the calls that a model
 * would make, and every fact of the answers it would give. What AimX can't carry is named in the
 * results, not invented. They run over any way to call the tools.
 */
import { expect } from "vitest";

// oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
type Answer = any;

export type CallTool = (name: string, args?: Readonly<Record<string, unknown>>) => Promise<Answer>;

/** What is known of the host beforehand. */
export interface HostFacts {
  readonly instance: string;
  readonly socket: string;
  /** How many records a caller sees. */
  readonly recordCount: number;
  /** A ring with a source, whose number moves within bounds. */
  readonly moving: {
    readonly record: string;
    readonly field: string;
    readonly below: number;
    readonly above: number;
    readonly consumers: number | null;
  };
  /** What nothing produces and nothing ever wrote. */
  readonly unproduced: {
    readonly record: string;
    readonly bufferType: string;
    readonly consumers: number | null;
    readonly writable: boolean;
  };
  /** Whether the host was built with buffer metrics. */
  readonly hasMetrics: boolean;
  /** Long enough for some samples. */
  readonly monitorSeconds: number;
}

export interface Conversation {
  readonly title: string;
  readonly play: (call: CallTool, facts: HostFacts) => Promise<void>;
}

/** C.1 and C.2: "Show me all the records in my running AimDB instance". */
async function showAllRecords(call: CallTool, facts: HostFacts): Promise<void> {
  const { instances } = await call("discover_instances");
  const found = instances.find(({ instance }: Answer) => instance === facts.instance);
  expect(found).toMatchObject({
    socket_path: facts.socket,
    status: "up",
    record_count: facts.recordCount,
    protocol_version: expect.any(String),
  });

  const { records, total } = await call("list_records", { instance: facts.instance });
  expect(total).toBe(facts.recordCount);
  expect(records).toHaveLength(facts.recordCount);
  expect(byName(records, facts.moving.record)).toMatchObject({
    buffer_type: "spmc_ring",
    producer_count: 1,
    consumer_count: facts.moving.consumers,
    writable: false,
  });
  const { record, bufferType, consumers, writable } = facts.unproduced;
  expect(byName(records, record)).toMatchObject({
    buffer_type: bufferType,
    producer_count: 0,
    consumer_count: consumers,
    writable,
  });
}

/** C.1: "What's the current temperature?" */
async function currentValue(call: CallTool, facts: HostFacts): Promise<void> {
  const { record, field, below, above } = facts.moving;
  const reading = await call("get_record", { instance: facts.instance, record_name: record });

  expect(reading).toMatchObject({
    record_name: record,
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/),
    timestamp_source: expect.stringMatching(/^(host|observed|first_seen)$/),
    age_ms: expect.any(Number),
    sequence: expect.any(Number),
    stale: false,
  });
  expectBetween(reading.value[field], below, above);
}

/** C.1 and C.2: "Monitor it and alert me if it goes above …", where it does not. */
async function monitorQuietly(call: CallTool, facts: HostFacts): Promise<void> {
  const { field, above } = facts.moving;
  const { events, verdict, stats } = await monitor(call, facts, `${field} > ${above}`);

  expect(verdict).toMatchObject({ met: false });
  expect(events.length).toBeGreaterThan(1);
  expect(stats[field]).toMatchObject({
    min_at: expect.any(String),
    max_at: expect.any(String),
    trend_per_minute: expect.any(Number),
  });
  expectBetween(stats[field].max, facts.moving.below, above);
  expectBetween(stats[field].mean, stats[field].min, stats[field].max);
  const peak = events.find(({ timestamp }: Answer) => timestamp === stats[field].max_at);
  expect(peak.value[field]).toBe(stats[field].max);
}

/** The same, where it does: the alert names the event, and nothing goes on behind it. */
async function monitorWithAlert(call: CallTool, facts: HostFacts): Promise<void> {
  const { field, below } = facts.moving;
  const { events, verdict, id } = await monitor(call, facts, `${field} > ${below}`);

  expect(verdict).toMatchObject({
    met: true,
    event: { sequence: expect.any(Number), timestamp: expect.any(String) },
  });
  expect(events.map(({ sequence }: Answer) => sequence)).toContain(verdict.event.sequence);
  expect(verdict.event.value[field]).toBeGreaterThan(below);
  expect(await call("unsubscribe_record", { subscription_id: id })).toMatchObject({
    success: true,
    status: "already_ended",
  });
}

/** C.2: "Why isn't Config updating?" */
async function whyNotUpdating(call: CallTool, facts: HostFacts): Promise<void> {
  const { record, bufferType, consumers, writable } = facts.unproduced;
  const { instance } = facts;

  const { records } = await call("list_records", { instance, name_filter: record });
  expect(byName(records, record)).toMatchObject({
    buffer_type: bufferType,
    origin: "passive",
    producer_count: 0,
    consumer_count: consumers,
    age_ms: null,
  });

  const { attention, records: shown } = await call("snapshot", { instance, record_name: record });
  expect(shown[0]).toMatchObject({ name: record, value: null, why_no_value: "no_value" });
  const finding = findingAbout(attention, "no_producer", record);
  expect(finding.evidence).toMatchObject({
    producer_count: 0,
    consumer_count: consumers,
    writable,
  });
  // Whether a task crashed or never began is not on the wire; that it is not, is said.
  expect(finding.limit).toContain("graph_only");
}

/** C.3: "I'm debugging a data pipeline. Show me all records and their current states". */
async function pipelineSnapshot(call: CallTool, facts: HostFacts): Promise<void> {
  const { moving, unproduced, instance } = facts;
  const snapshot = await call("snapshot", { instance, max_bytes: 20_000 });

  expect(snapshot).toMatchObject({
    taken_at: expect.stringMatching(/Z$/),
    state: { status: "up", socket_path: facts.socket },
    summary: {
      records: facts.recordCount,
      with_value: expect.any(Number),
      producers: expect.any(Number),
      consumers: expect.any(Number),
      producers_visible: "graph_only",
    },
  });
  expect(snapshot.records).toHaveLength(facts.recordCount);
  const row = byName(snapshot.records, moving.record);
  expect(row).toMatchObject({
    buffer_type: "spmc_ring",
    buffer_capacity: expect.any(Number),
    producer_count: 1,
    consumer_count: moving.consumers,
    age_ms: expect.any(Number),
  });
  expectBetween(row.value[moving.field], moving.below, moving.above);
  expect(byName(snapshot.records, unproduced.record)).toMatchObject({ value: null });
  expect(findingAbout(snapshot.attention, "no_producer", unproduced.record).evidence).toBeDefined();
  expect(findingAbout(snapshot.attention, "never_a_value", unproduced.record)).toBeDefined();
  // Queue usage is on the wire only where the host was built with metrics.
  if (facts.hasMetrics) {
    expect(row.occupancy).toMatchObject({ items: expect.any(Number), percent: expect.any(Number) });
  } else {
    expect(row.occupancy).toBeUndefined();
    expect(snapshot.metrics.how_to_enable).toContain("observability");
  }
}

/** One subscription over as many calls as it takes. */
async function monitor(call: CallTool, facts: HostFacts, until: string): Promise<Answer> {
  const { moving, monitorSeconds, instance } = facts;
  const asked = { instance, record_name: moving.record, until };
  let answer = await call("subscribe_record", { ...asked, duration_seconds: monitorSeconds });
  const events = [...answer.events];
  const id: string = answer.subscription_id;
  while (answer.complete === false) {
    answer = await call("subscribe_record", { ...asked, subscription_id: id });
    events.push(...answer.events);
  }
  const sequences = events.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.map((_, i) => sequences[0] + i));
  expect(answer).toHaveProperty("dropped_events");
  return { events, id, verdict: answer.until, stats: answer.stats };
}

function byName(records: readonly Answer[], name: string): Answer {
  return records.find((row) => row.name === name);
}

function findingAbout(attention: readonly Answer[], kind: string, record: string): Answer {
  const group = attention.find((one) => one.kind === kind);
  const found = group?.found.find(({ record_name }: Answer) => record_name === record);
  return found && { ...found, limit: group.limit };
}

function expectBetween(value: number, low: number, high: number): void {
  expect(value).toBeGreaterThanOrEqual(low);
  expect(value).toBeLessThanOrEqual(high);
}

export const CONVERSATIONS: readonly Conversation[] = [
  { title: "Show me all the records in my running AimDB instance", play: showAllRecords },
  { title: "What's the current temperature?", play: currentValue },
  { title: "Monitor the temperature and alert me if it goes above …", play: monitorQuietly },
  { title: "… and it does go above", play: monitorWithAlert },
  { title: "Why isn't Config updating?", play: whyNotUpdating },
  { title: "Show me all records and their current states", play: pipelineSnapshot },
];
