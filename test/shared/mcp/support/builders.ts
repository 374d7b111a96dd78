/** Valid values with one thing changed. */
import type { InstanceRow, RecordReading, TimedSample, ListedRecord } from "#shared/fleet/fleet.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { FakeInstance } from "./fake-fleet.ts";
import { TIMESTAMP } from "./fake-writes.ts";
import type { TimelinePoint } from "./timeline.ts";

export function instanceRow(id: string, change: Partial<InstanceRow> = {}): InstanceRow {
  const [relay = "", name = ""] = id.split("/");
  return {
    instance: id,
    relay,
    name,
    status: "up",
    socket_path: `/tmp/${name}.sock`,
    protocol_version: "3.0",
    server_version: "aimdb/2.0.0",
    record_count: 1,
    writable_count: 1,
    authenticated: false,
    ...change,
  };
}

export function recordRow(key: string, change: Partial<ListedRecord> = {}): ListedRecord {
  return {
    record_key: key,
    type_name: "server::Temperature",
    type_id: "0xaee15e261d918c67cee5a96c2f604ce0",
    buffer_type: "single_latest",
    origin: "passive",
    producer_count: 0,
    producers: [],
    consumers: [{ type: "tap" }],
    latest: null,
    mean_interval_ms: null,
    consumer_count: 1,
    writable: true,
    writable_reason: "The device file opens it.",
    created_at: null,
    last_update: null,
    observed: "live",
    ...change,
  };
}

export function timedSample(change: Partial<TimedSample> = {}): TimedSample {
  return {
    value: { celsius: 21.5 },
    timestamp: "2026-11-20T10:00:00.123456789Z",
    timeSource: "host",
    ageMs: 1_200.6,
    sequence: 42,
    epoch: "abcdefgh.0",
    ...change,
  };
}

export function reading(key: string, change: Partial<TimedSample> = {}): RecordReading {
  return { recordKey: key, loss: "counted", sample: timedSample(change) };
}

/** An instance whose records all have a reading. */
export function fakeInstance(
  id: string,
  keys: readonly string[] = ["sensor.temp"],
  change: Partial<FakeInstance> & { readonly sample?: Partial<TimedSample> } = {},
): FakeInstance {
  const { sample, ...rest } = change;
  return {
    row: instanceRow(id),
    records: keys.map((key) => recordRow(key)),
    readings: new Map(keys.map((key) => [key, reading(key, sample)])),
    ...rest,
  };
}

/** Samples at a steady pace, from the first to the last interval after the fake clock's start. */
export function every(
  intervalMs: number,
  first: number,
  last: number,
  valueOf: (n: number) => JsonValue,
): TimelinePoint[] {
  const startMs = Date.parse(TIMESTAMP);
  return Array.from({ length: last - first + 1 }, (_, i) => {
    const n = first + i;
    return { atMs: startMs + n * intervalMs, value: valueOf(n) };
  });
}
