/** A row of the record list as a model sees it: in full, or what tells one record from another. */
import type { ListedRecord } from "../../fleet/fleet.ts";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { MAX_TYPE_NAME_LENGTH } from "../../link/limits.ts";
import type { GraphEnd } from "../../link/methods/record-list.ts";
import { byteLength } from "./fit.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentable, presentableText } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";

/** No row takes less, so more than fit are neither asked for nor made. */
export const MIN_CONCISE_BYTES = 220;
export const MIN_DETAILED_BYTES = 300;

/** `name` is what tools take as record_name. */
export function conciseRecord(record: ListedRecord): JsonObject {
  const { record_key, type_name, type_id, buffer_type, origin } = record;
  const name = presentableKey(record_key);
  return {
    name,
    record_key: name,
    type_name: presentableText(type_name, MAX_TYPE_NAME_LENGTH),
    type_id: presentableText(type_id, MAX_REASON_LENGTH),
    buffer_type,
    buffer_capacity: record.buffer_capacity ?? null,
    origin: boundedJson(origin),
    producer_count: record.producer_count,
    consumer_count: record.consumer_count,
    writable: record.writable,
    created_at: presentableTime(record.created_at),
    last_update: presentableTime(record.last_update),
    observed: record.observed,
    age_ms: record.latest === null ? null : Math.round(record.latest.ageMs),
  };
}

export function detailedRecord(record: ListedRecord): JsonObject {
  const { latest, mean_interval_ms, produced_count, entity, signal_stats } = record;
  return {
    ...conciseRecord(record),
    producers: shownEnds(record.producers),
    consumers: shownEnds(record.consumers),
    ...(hasMore(record) ? { more_ends: MORE_ENDS } : {}),
    writable_reason: presentableText(record.writable_reason, MAX_REASON_LENGTH),
    latest:
      latest === null
        ? null
        : {
            timestamp: presentableText(latest.timestamp, MAX_TIME_LENGTH),
            timestamp_source: latest.timeSource,
            age_ms: Math.round(latest.ageMs),
            sequence: latest.sequence,
          },
    mean_interval_ms: mean_interval_ms === null ? null : Math.round(mean_interval_ms),
    ...(produced_count === undefined ? {} : { produced_count }),
    ...(entity === undefined ? {} : { entity: presentableText(entity, MAX_REASON_LENGTH) }),
    ...(signal_stats === undefined ? {} : { signal_stats: boundedJson(signal_stats) }),
  };
}

/** Why a field of a row is null. */
export const UNTOLD_OF_RECORDS: Readonly<Record<string, string>> = {
  buffer_capacity: "Only rings have one.",
  origin: "The host has no graph (AimDB before 0.5.0).",
  producer_count: "The host has no graph, and its own counts are always 0.",
  consumer_count: "The host has no graph, and its own counts are always 0.",
  created_at: "AimX 2 and 3 hosts send no dates.",
  last_update: "AimX 2 and 3 hosts send no dates; AimX 1 sends none before the first update.",
  age_ms: "No sample was observed yet.",
  mean_interval_ms: "Fewer than three samples are kept.",
};

/** More at one record say no more. */
const MAX_ENDS = 20;

function shownEnds(ends: readonly GraphEnd[] | null): JsonValue {
  if (ends === null) return null;
  return ends.slice(0, MAX_ENDS).map(({ type, record, protocol }) => ({
    type: presentableText(type, MAX_REASON_LENGTH),
    ...(record === undefined ? {} : { record: presentableKey(record) }),
    ...(protocol === undefined ? {} : { protocol: presentableText(protocol, MAX_REASON_LENGTH) }),
  }));
}

function hasMore({ producers, consumers }: ListedRecord): boolean {
  return [producers, consumers].some((ends) => ends !== null && ends.length > MAX_ENDS);
}

const MORE_ENDS = `At most ${MAX_ENDS} producers and ${MAX_ENDS} consumers are listed; get_graph with record_name has all.`;

const MAX_JSON_BYTES = 1_000;

function boundedJson(value: JsonValue): JsonValue {
  const shown = presentable(value);
  return byteLength(shown) <= MAX_JSON_BYTES ? shown : "(too long to show)";
}

const MAX_TIME_LENGTH = 40;

function presentableTime(time: string | null): string | null {
  return time === null ? null : presentableText(time, MAX_TIME_LENGTH);
}
