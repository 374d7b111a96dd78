/** One page of an instance's records, with what the host's own rows get wrong put right. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { isGlob, matchesGlob } from "#shared/text/glob.ts";
import { boundedKind } from "#shared/fleet/graph-page.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { LinkRecordRow } from "#shared/link/methods/record-list.ts";
import { decideWrite, type WriteDecision } from "../../access/write-policy.ts";
import { printedBytes } from "../../printed-bytes.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";
import { fittingPage } from "./page.ts";
import { nearestKeys } from "./resolve-record.ts";
import { toSessionMs } from "../observing/session-clock.ts";

export function pageOfRecords(
  context: InstanceContext,
  view: CatalogView,
  { offset, limit, writable_only = false, name_filter }: Params<"record.list">,
  sessionStartMs: number,
): MethodResult<"record.list"> {
  const named = name_filter === undefined ? view.rows : namedLike(view.rows, name_filter);
  const rows = writable_only
    ? named.filter((row) => decisionOn(context, view, row).writable)
    : named;
  const { items, total, nextOffset } = fittingPage(
    rows,
    { offset, limit },
    (row) => describeRecord(context, view, row, sessionStartMs),
    rowBytes,
  );
  const page = { records: items, total, next_offset: nextOffset };
  if (name_filter === undefined || named.length > 0) return page;
  return { ...page, nearest: nearestKeys(view.rows, literalOf(name_filter)) };
}

/** Cached sizes of rows as first described: a host's rows stay the same for some seconds. */
const firstBytes = new WeakMap<RecordRow, number>();

/**
 * Room for what may be longer in a later list: how the row is observed, and its newest sample's time, number and pace.
 */
const LIVE_BYTES = 200;

function rowBytes(row: RecordRow, described: LinkRecordRow): number {
  const known = firstBytes.get(row);
  if (known !== undefined) return known;
  const bytes = printedBytes(described) + LIVE_BYTES;
  firstBytes.set(row, bytes);
  return bytes;
}

export function decisionOn(
  { name, config }: Pick<InstanceContext, "name" | "config">,
  { graph }: CatalogView,
  row: RecordRow,
): WriteDecision {
  const origin = graph?.origins.get(row.record_key);
  return decideWrite(config, { instance: name, row, origin });
}

/** Of a glob, what a key would have to contain. */
function literalOf(filter: string): string {
  return filter.replaceAll(/[*?]/g, "");
}

/** A glob over keys, or a part of a key or a type name, whatever the case. */
function namedLike(rows: readonly RecordRow[], filter: string): RecordRow[] {
  const wanted = filter.toLowerCase();
  if (isGlob(wanted)) {
    return rows.filter(({ record_key }) => matchesGlob(wanted, record_key.toLowerCase()));
  }
  return rows.filter(({ record_key, type_name }) =>
    [record_key, type_name].some((name) => name.toLowerCase().includes(wanted)),
  );
}

export function describeRecord(
  context: InstanceContext,
  view: CatalogView,
  row: RecordRow,
  sessionStartMs: number,
): LinkRecordRow {
  const { store, storeKey, observer } = context;
  const { record_key, type_name, type_id, buffer_type } = row;
  const decision = decisionOn(context, view, row);
  const latest = store.latest(storeKey(record_key));
  const intervalMs = store.meanIntervalMs(storeKey(record_key));
  return {
    record_key,
    type_name,
    type_id,
    buffer_type,
    ...hostFields(row),
    ...graphFields(view, record_key),
    writable: decision.writable,
    writable_reason: decision.reason,
    created_at: row.created_at ?? null,
    last_update: row.last_update ?? null,
    observed: observer.mode(row),
    latest:
      latest === undefined
        ? null
        : {
            at_ms: toSessionMs(latest.atMs, sessionStartMs),
            time_source: latest.timeSource,
            sequence: latest.sequence,
          },
    mean_interval_ms: intervalMs === null ? null : Math.round(intervalMs * 1000) / 1000,
  };
}

/** Fields that only some hosts send. */
function hostFields({
  buffer_capacity,
  produced_count,
  entity,
  signal_stats,
}: RecordRow): Pick<
  LinkRecordRow,
  "buffer_capacity" | "produced_count" | "entity" | "signal_stats"
> {
  return {
    ...(buffer_capacity === undefined ? {} : { buffer_capacity }),
    ...(produced_count === undefined ? {} : { produced_count }),
    ...(entity === undefined ? {} : { entity }),
    ...(signal_stats === undefined ? {} : { signal_stats }),
  };
}

/**
 * A record may have hundreds of inputs; with long names, a row with all of them would be more than one answer carries.
 */
const MAX_ENDS = 200;

function graphFields(
  { graph }: CatalogView,
  key: string,
): Pick<LinkRecordRow, "origin" | "producer_count" | "consumer_count" | "producers" | "consumers"> {
  if (graph === undefined) {
    return {
      origin: null,
      producer_count: null,
      consumer_count: null,
      producers: null,
      consumers: null,
    };
  }
  const origin = graph.origins.get(key);
  const consumers = graph.consumers.get(key) ?? [];
  return {
    origin: origin === undefined ? null : boundedKind(origin),
    producer_count: origin === undefined ? null : Number(origin !== "passive"),
    consumer_count: consumers.length,
    producers: (graph.producers.get(key) ?? []).slice(0, MAX_ENDS),
    consumers: consumers.slice(0, MAX_ENDS),
  };
}
