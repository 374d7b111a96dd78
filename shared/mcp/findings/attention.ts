/**
 * What looks wrong at an instance, from facts that the host and the relay have: each finding with
 * its evidence, what it can mean, and what can't be seen. Pure.
 */
import type { Failure } from "../../failure.ts";
import type { InstanceRow, ListedRecord, RecordReading } from "../../fleet/fleet.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json/json.ts";
import type { Result } from "../../result.ts";
import { percentOf, shownOccupancy, type DiagnosticsRow } from "../answers/diagnostics-shape.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "../answers/presentable.ts";

export type FindingKind =
  | "relay_offline"
  | "instance_down"
  | "never_a_value"
  | "value_lost"
  | "no_producer"
  | "stale"
  | "input_silent"
  | "drops"
  | "queue_nearly_full"
  | "mailbox_without_consumer"
  | "not_writable";

export interface Finding {
  readonly kind: FindingKind;
  /** Absent if it is about the instance. */
  readonly record?: string | undefined;
  readonly evidence: JsonObject;
}

export interface RecordFacts {
  readonly row: ListedRecord;
  /** Absent if it was not read. */
  readonly reading?: Result<RecordReading, Failure> | undefined;
  readonly metrics?: DiagnosticsRow | undefined;
}

/** A sample is late when this many of the usual intervals have passed. */
export const STALE_INTERVALS = 5;

/** A shorter silence is as likely to be the network's. */
const MIN_STALE_MS = 2_000;

export const NEARLY_FULL_PERCENT = 70;

export function findingsOfInstance(row: InstanceRow): Finding[] {
  if (row.status === "offline") {
    const offline_since = row.offlineSince ?? null;
    return [{ kind: "relay_offline", evidence: { offline_since } }];
  }
  if (row.status === "up") return [];
  const reason = presentableText(row.reason ?? "It has not said why.", MAX_REASON_LENGTH);
  return [{ kind: "instance_down", evidence: { reason } }];
}

/** In the order of `records`; what is derived from a silent record is named as such. */
export function findingsOfRecords(records: readonly RecordFacts[]): Finding[] {
  const own = records.flatMap(findingsOf);
  const silent = new Set(own.filter(({ kind }) => SILENT.has(kind)).map(({ record }) => record));
  const derived = records.flatMap(({ row }): Finding[] => {
    const silentInputs = inputsOf(row.origin).filter((input) => silent.has(input));
    if (silentInputs.length === 0) return [];
    return [{ kind: "input_silent", record: row.record_key, evidence: { inputs: silentInputs } }];
  });
  return [...own, ...derived];
}

const SILENT: ReadonlySet<FindingKind> = new Set([
  "never_a_value",
  "value_lost",
  "no_producer",
  "stale",
]);

function findingsOf(facts: RecordFacts): Finding[] {
  const record = facts.row.record_key;
  const found: [FindingKind, JsonObject | undefined][] = [
    ["never_a_value", neverAValue(facts)],
    ["value_lost", valueLost(facts)],
    ["no_producer", noProducer(facts)],
    ["stale", stale(facts)],
    ["drops", drops(facts)],
    ["queue_nearly_full", queueNearlyFull(facts)],
    ["mailbox_without_consumer", mailboxWithoutConsumer(facts)],
  ];
  return found.flatMap(([kind, evidence]) =>
    evidence === undefined ? [] : [{ kind, record, evidence }],
  );
}

function neverAValue({ row, reading, metrics }: RecordFacts): JsonObject | undefined {
  if (!isEmpty({ row, reading }) || row.latest !== null) return undefined;
  const produced = metrics?.produced_count ?? row.produced_count;
  return { value: null, ...(produced === undefined ? {} : { produced_count: produced }) };
}

/** Unlike a ring, which may show nothing between two samples, it keeps its value as long as the process runs. */
function valueLost({ row, reading }: RecordFacts): JsonObject | undefined {
  const { latest, buffer_type } = row;
  const isLost = isEmpty({ row, reading }) && buffer_type === "single_latest";
  return isLost && latest !== null
    ? { value: null, seen_until: presentableText(latest.timestamp, MAX_REASON_LENGTH) }
    : undefined;
}

/** A mailbox is usually empty: its messages are taken. */
function isEmpty({ row, reading }: RecordFacts): boolean {
  const hasNoValue = reading?.ok === false && reading.error.code === "no_value";
  return hasNoValue && row.buffer_type !== "mailbox";
}

function noProducer({ row, reading }: RecordFacts): JsonObject | undefined {
  const { producer_count, consumer_count, latest, writable } = row;
  const isMissed = (consumer_count ?? 0) > 0 || isEmpty({ row, reading });
  if (producer_count !== 0 || !isMissed) return undefined;
  const age_ms = latest === null ? null : Math.round(latest.ageMs);
  return { producer_count, consumer_count, writable, age_ms };
}

function stale({ row, reading }: RecordFacts): JsonObject | undefined {
  const { latest, mean_interval_ms, producer_count } = row;
  if (reading?.ok === true && reading.value.staleSince !== undefined) return undefined;
  if (latest === null || mean_interval_ms === null || producer_count === 0) return undefined;
  const allowedMs = Math.max(MIN_STALE_MS, mean_interval_ms * STALE_INTERVALS);
  if (latest.ageMs <= allowedMs) return undefined;
  return { age_ms: Math.round(latest.ageMs), mean_interval_ms: Math.round(mean_interval_ms) };
}

function drops({ metrics }: RecordFacts): JsonObject | undefined {
  const { dropped_count = 0, produced_count = null } = metrics ?? {};
  return dropped_count > 0 ? { dropped_count, produced_count } : undefined;
}

function queueNearlyFull({ metrics }: RecordFacts): JsonObject | undefined {
  const occupancy = metrics?.occupancy;
  const isQueue = metrics?.buffer_type === "spmc_ring";
  if (occupancy === undefined || !isQueue) return undefined;
  return percentOf(...occupancy) >= NEARLY_FULL_PERCENT ? shownOccupancy(occupancy) : undefined;
}

function mailboxWithoutConsumer({ row }: RecordFacts): JsonObject | undefined {
  const isUnread = row.buffer_type === "mailbox" && row.consumer_count === 0;
  return isUnread ? { consumer_count: 0 } : undefined;
}

/** For the record that a question is about: most records of most hosts are not to be written. */
export function whyNotWritable({ row }: RecordFacts): Finding[] {
  if (row.writable) return [];
  const reason = presentableText(row.writable_reason, MAX_REASON_LENGTH);
  return [{ kind: "not_writable", record: row.record_key, evidence: { reason } }];
}

/** Of `{transform: {input}}` and `{transform_join: {inputs}}`. */
function inputsOf(origin: JsonValue): string[] {
  if (!isJsonObject(origin)) return [];
  return Object.values(origin).flatMap((part = null) => {
    if (!isJsonObject(part)) return [];
    const { input, inputs } = part;
    return [input, ...(Array.isArray(inputs) ? inputs : [])].filter(
      (key): key is string => typeof key === "string",
    );
  });
}
