/** One page of an instance's records, with what the host's own rows get wrong put right. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { LinkRecordRow } from "#shared/link/methods/record-list.ts";
import { decideWrite } from "../access/write-policy.ts";
import type { CatalogView } from "./catalog.ts";
import type { InstanceContext } from "./context.ts";

const DEFAULT_PAGE = 100;

export function pageOfRecords(
  context: InstanceContext,
  view: CatalogView,
  { offset = 0, limit = DEFAULT_PAGE, writable_only = false }: Params<"record.list">,
): MethodResult<"record.list"> {
  const rows = view.rows.map((row) => describeRecord(context, view, row));
  const wanted = writable_only ? rows.filter(({ writable }) => writable) : rows;
  const end = Math.min(offset + limit, wanted.length);
  return {
    records: wanted.slice(offset, end),
    total: wanted.length,
    next_offset: end < wanted.length ? end : null,
  };
}

export function describeRecord(
  { name, config, observer }: InstanceContext,
  { graph }: CatalogView,
  row: RecordRow,
): LinkRecordRow {
  const { record_key, type_name, type_id, buffer_type, buffer_capacity, produced_count } = row;
  const origin = graph?.origins.get(record_key);
  const decision = decideWrite(config, { instance: name, row, origin });
  return {
    record_key,
    type_name,
    type_id,
    buffer_type,
    ...(buffer_capacity === undefined ? {} : { buffer_capacity }),
    origin: origin ?? null,
    producer_count: origin === undefined ? null : Number(origin !== "passive"),
    producers: null,
    consumers: null,
    latest: null,
    mean_interval_ms: null,
    consumer_count: graph === undefined ? null : (graph.consumers.get(record_key) ?? 0),
    writable: decision.writable,
    writable_reason: decision.reason,
    created_at: row.created_at ?? null,
    last_update: row.last_update ?? null,
    ...(produced_count === undefined ? {} : { produced_count }),
    observed: observer.mode(row),
  };
}
