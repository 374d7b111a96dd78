/** A snapshot within its size: what looks wrong comes before what is merely there. */
import type { History } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { findBottleneck } from "../findings/bottleneck.ts";
import type { Finding, RecordFacts } from "../findings/attention.ts";
import { shownFindings } from "./attention-shape.ts";
import { shownAbilities, queueOccupancy } from "./diagnostics-shape.ts";
import { byteLength, fittingItems, fittingPrefix, fittingValue } from "./fit.ts";
import { partsOf } from "./graph-shape.ts";
import { mermaidChart } from "./mermaid.ts";
import { presentable } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";
import { shownReading } from "./reading-shape.ts";
import { conciseRecord, detailedRecord } from "./record-shape.ts";
import { shownLoss } from "./shown-loss.ts";
import { newestFitting } from "./shown-samples.ts";
import type { SnapshotParts } from "../asking/snapshot-parts.ts";
import { presentableFailure } from "./tool-result.ts";

export interface SnapshotShape {
  /** The instance's own state and the time; first in the answer. */
  readonly head: JsonObject;
  readonly findings: readonly Finding[];
  readonly maxBytes: number;
}

const METRICS_SHARE = 0.2;

/** Shares of what the head, summary and metrics leave. */
const ATTENTION_SHARE = 0.35;
const GRAPH_SHARE = 0.15;
const RECENT_SHARE = 0.2;

/** Names of the parts, counts of what was left out, and what to do about it. */
const FRAME_BYTES = 400;

export function shownSnapshot(
  parts: SnapshotParts,
  { head, findings, maxBytes }: SnapshotShape,
): JsonObject {
  const missing = missingOf(parts);
  const counts = { summary: summaryOf(parts), ...missing };
  const summary = { ...counts, metrics: metricsOf(parts, maxBytes * METRICS_SHARE) };
  const left = Math.max(0, maxBytes - byteLength({ ...head, ...summary }) - FRAME_BYTES);
  const attention = shownFindings(findings, left * ATTENTION_SHARE);
  const graph = graphOf(parts, left * GRAPH_SHARE);
  const beside = byteLength({ ...attention, ...graph });
  const records = recordsOf(parts, left * (1 - RECENT_SHARE) - beside);
  const recent = recentOf(parts.recent, left - beside - byteLength(records));
  return { ...head, ...summary, ...attention, ...records, ...recent, ...graph };
}

/** What was not read is not counted as none. */
function summaryOf({ records, recordCount }: SnapshotParts): JsonObject {
  if (recordCount === null) return UNCOUNTED;
  const read = records.filter(({ reading }) => reading !== undefined);
  const sum = (count: (facts: RecordFacts) => number) =>
    records.reduce((total, facts) => total + count(facts), 0);
  const hasGraph = records.some(({ row }) => row.producer_count !== null);
  return {
    records: recordCount,
    ...(records.length < recordCount
      ? { counted_among: `the first ${records.length} of ${recordCount} records` }
      : {}),
    with_value: sum(({ reading }) => Number(reading?.ok === true)),
    ...(read.length < records.length ? { values_read: read.length } : {}),
    writable: sum(({ row }) => Number(row.writable)),
    producers: hasGraph ? sum(({ row }) => row.producer_count ?? 0) : null,
    consumers: hasGraph ? sum(({ row }) => row.consumer_count ?? 0) : null,
    producers_visible: hasGraph ? "graph_only" : "no",
  };
}

const UNCOUNTED: JsonObject = {
  records: null,
  with_value: null,
  writable: null,
  producers: null,
  consumers: null,
  producers_visible: "no",
};

/** Small answers name no bottleneck: get_diagnostics does. */
function metricsOf({ diagnostics }: SnapshotParts, maxBytes: number): JsonObject | null {
  if (diagnostics === undefined) return null;
  const { records, relay } = diagnostics;
  const dropped = records.reduce((sum, { dropped_count = 0 }) => sum + dropped_count, 0);
  const { has_metrics, has_profiling } = diagnostics;
  const counts = { has_metrics, has_profiling, dropped_count: has_metrics ? dropped : null };
  const full = {
    ...counts,
    ...shownAbilities(diagnostics),
    bottleneck: findBottleneck(records) ?? null,
    subscriptions: relay.subscriptions,
    max_subscriptions: relay.max_subscriptions,
  };
  return byteLength(full) <= maxBytes ? full : counts;
}

function missingOf({ missing }: SnapshotParts): JsonObject {
  if (missing.length === 0) return { complete: true };
  const parts = missing.map(({ part, failure }) => ({
    part,
    code: failure.code,
    message: presentableFailure(failure)["message"] ?? "",
  }));
  return { missing: fittingPrefix(parts, MAX_MISSING_BYTES, 0), complete: false };
}

const MAX_MISSING_BYTES = 1_200;

function graphOf({ graph }: SnapshotParts, maxBytes: number): JsonObject {
  if (graph === undefined) return {};
  const counts = { records: graph.total, edges: graph.total_edges };
  const mermaid = mermaidChart([...new Set(partsOf(graph).flatMap(({ line }) => line ?? []))]);
  const isWhole = graph.next_offset === null;
  const fits = isWhole && byteLength({ ...counts, mermaid }) <= maxBytes;
  return { graph: fits ? { ...counts, mermaid } : { ...counts, next: "Call get_graph." } };
}

function recentOf(recent: readonly History[], maxBytes: number): JsonObject {
  const share = Math.floor(maxBytes / Math.max(1, recent.length)) - RECENT_FRAME_BYTES;
  const shown = recent.flatMap((history) => {
    const samples = newestFitting(history.samples, share);
    if (samples.length === 0) return [];
    const { dropped_events = null } = shownLoss(history);
    const record_name = presentableKey(history.recordKey);
    return [{ record_name, samples, kept: history.total, dropped_events }];
  });
  return { recent: fittingPrefix<JsonObject>(shown, maxBytes, 0) };
}

const RECENT_FRAME_BYTES = 100;

/** The named record first, in full if it fits; the others as rows. */
function recordsOf({ records, named, lastKnown }: SnapshotParts, maxBytes: number): JsonObject {
  if (lastKnown !== undefined) {
    const adviceFor = () => "Call get_record.";
    return { records: [], last_known: shownReading(lastKnown, { maxBytes, adviceFor }) };
  }
  const others = named === undefined ? records : relatedTo(named, records);
  const first = named === undefined ? [] : fittingNamed(named, maxBytes);
  const left = maxBytes - byteLength(first);
  const shown = [...first, ...fittingItems(others, toRow, { maxBytes: left, atLeast: 0 })];
  const leftOut = Number(named !== undefined) + others.length - shown.length;
  const next = "Ask with a larger max_bytes, or snapshot with a record_name; list_records has all.";
  return { records: shown, ...(leftOut > 0 ? { records_left_out: leftOut, next } : {}) };
}

/** It is what was asked for: its row is there even if the whole of it does not fit. */
function fittingNamed(named: RecordFacts, maxBytes: number): JsonObject[] {
  const detailed = [toDetailed(named, maxBytes * 0.6)];
  const shown = byteLength(detailed) <= maxBytes ? detailed : [toRow(named)];
  return byteLength(shown) <= maxBytes ? shown : [];
}

/** What feeds it, and what it feeds. */
function relatedTo({ row }: RecordFacts, records: readonly RecordFacts[]): RecordFacts[] {
  const ends = [...(row.producers ?? []), ...(row.consumers ?? [])].map(({ record }) => record);
  return records.filter(
    (facts) => facts.row.record_key !== row.record_key && ends.includes(facts.row.record_key),
  );
}

const MAX_VALUE_BYTES = 400;

function toRow(facts: RecordFacts): JsonObject {
  const { row, metrics } = facts;
  const { name = null, buffer_capacity = null, origin = null } = conciseRecord(row);
  return {
    name,
    buffer_type: row.buffer_type,
    ...(buffer_capacity === null ? {} : { buffer_capacity }),
    origin,
    producer_count: row.producer_count,
    consumer_count: row.consumer_count,
    writable: row.writable,
    ...valueOf(facts, MAX_VALUE_BYTES),
    ...occupancyOf(metrics),
  };
}

function toDetailed(facts: RecordFacts, maxBytes: number): JsonObject {
  const { row, metrics } = facts;
  const detailed = detailedRecord(row);
  const beside = { ...detailed, ...occupancyOf(metrics) };
  const left = Math.max(MAX_VALUE_BYTES, maxBytes - byteLength(beside) - VALUE_FRAME_BYTES);
  return { ...beside, ...valueOf(facts, left) };
}

const VALUE_FRAME_BYTES = 200;

/** The value with its age, or why there is none. */
function valueOf({ row, reading }: RecordFacts, maxBytes: number): JsonObject {
  if (reading?.ok !== true) {
    const why_no_value = reading?.error.code ?? "not_read";
    // What was seen last is not its value's age if it has none.
    const isEmpty = row.latest === null || why_no_value === "no_value";
    return { value: null, why_no_value, age_ms: isEmpty ? null : Math.round(row.latest.ageMs) };
  }
  const { sample, staleSince } = reading.value;
  const cut = () => "Call get_record.";
  return {
    ...fittingValue(presentable(sample.value), maxBytes, cut),
    timestamp: presentable(sample.timestamp),
    timestamp_source: sample.timeSource,
    age_ms: Math.round(sample.ageMs),
    ...(staleSince === undefined ? {} : { stale: true, offline_since: presentable(staleSince) }),
  };
}

function occupancyOf(metrics: RecordFacts["metrics"]): JsonObject {
  const occupancy = metrics === undefined ? undefined : queueOccupancy(metrics);
  return occupancy === undefined ? {} : { occupancy };
}
