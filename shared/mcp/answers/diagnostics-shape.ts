/** Counters of a record as a model sees them, and what a host needs to have them. */
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { MAX_TYPE_NAME_LENGTH } from "../../link/limits.ts";
import type { MethodResult } from "../../link/method.ts";
import { byteLength } from "./fit.ts";
import { presentable, presentableText } from "./presentable.ts";
import { presentableKey } from "../asking/record-name.ts";

export type Diagnostics = MethodResult<"diagnostics.get">;
export type DiagnosticsRow = Diagnostics["records"][number];

export const NO_METRICS =
  "The host was built without them. Build AimDB 1.x with the features metrics and profiling, 2.x with observability.";

/** What the host was built with, and how to have the rest. */
export function shownAbilities({ has_metrics, has_profiling }: Diagnostics): JsonObject {
  const isWhole = has_metrics && has_profiling;
  return { has_metrics, has_profiling, ...(isWhole ? {} : { how_to_enable: NO_METRICS }) };
}

export function shownDiagnostics(row: DiagnosticsRow): JsonObject {
  const { stage_profiling } = row;
  return {
    record_name: presentableKey(row.record_key),
    type_name: presentableText(row.type_name, MAX_TYPE_NAME_LENGTH),
    buffer_type: row.buffer_type,
    buffer_capacity: row.buffer_capacity ?? null,
    produced_count: row.produced_count ?? null,
    consumed_count: row.consumed_count ?? null,
    dropped_count: row.dropped_count ?? null,
    occupancy: queueOccupancy(row) ?? null,
    stages: stage_profiling === undefined ? null : shownStages(stage_profiling),
    kept_samples: row.kept_samples,
    kept_bytes: row.kept_bytes,
  };
}

/** A single-latest is "full" whenever somebody has not looked at it yet, also if it never held a value. */
export function queueOccupancy({
  occupancy,
  buffer_type,
}: Pick<DiagnosticsRow, "occupancy" | "buffer_type">): JsonObject | undefined {
  const isQueue = buffer_type !== "single_latest";
  return occupancy === undefined || !isQueue ? undefined : shownOccupancy(occupancy);
}

/** How much of what the buffer holds the slowest reader has not read yet. */
export function shownOccupancy([items, capacity]: readonly [number, number]): JsonObject {
  return { items, capacity, percent: percentOf(items, capacity) };
}

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 100);
}

const MAX_STAGES = 20;
const MAX_STAGE_BYTES = 400;

function shownStages(stages: readonly JsonValue[]): JsonValue {
  return stages.slice(0, MAX_STAGES).map((stage) => {
    const shown = presentable(stage);
    return byteLength(shown) <= MAX_STAGE_BYTES ? shown : "(too long to show)";
  });
}
