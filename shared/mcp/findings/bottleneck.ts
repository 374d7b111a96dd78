/** Which stage of the data flow takes longest, and why that is said. */
import * as z from "zod/mini";
import type { JsonObject, JsonValue } from "../../json.ts";
import { presentableText } from "../answers/presentable.ts";
import { presentableKey } from "../asking/record-name.ts";
import { safeParse } from "../../safe-parse.ts";

const stageSchema = z.object({
  stage_type: z.string(),
  index: z.optional(z.number()),
  name: z.nullish(z.string()),
  call_count: z.number(),
  total_time_ns: z.number(),
  avg_time_ns: z.number(),
  max_time_ns: z.optional(z.number()),
});
type Stage = z.infer<typeof stageSchema>;

export interface ProfiledRecord {
  readonly record_key: string;
  readonly stage_profiling?: readonly JsonValue[] | undefined;
}

/** Timed from one sample to the next: waiting is its job, not a bottleneck. */
const WAITING = "source";

interface Measured extends Stage {
  readonly record: string;
}

/** Undefined where nothing but sources was measured. */
export function findBottleneck(records: readonly ProfiledRecord[]): JsonObject | undefined {
  const measured = records.flatMap(({ record_key, stage_profiling = [] }) =>
    stage_profiling.flatMap((stage): Measured[] => {
      const parsed = safeParse(stageSchema, stage);
      const isWork = parsed.success && parsed.data.stage_type !== WAITING;
      return isWork && parsed.data.call_count > 0 ? [{ ...parsed.data, record: record_key }] : [];
    }),
  );
  const [first, ...others] = measured;
  if (first === undefined) return undefined;
  const slowest = others.reduce((a, b) => (b.total_time_ns > a.total_time_ns ? b : a), first);
  const sum = measured.reduce((total, { total_time_ns }) => total + total_time_ns, 0);
  return describe(slowest, sum === 0 ? 0 : Math.round((slowest.total_time_ns / sum) * 100));
}

function describe(stage: Measured, percent: number): JsonObject {
  const { record, stage_type, index, name, call_count, avg_time_ns, max_time_ns } = stage;
  const slowest = max_time_ns === undefined ? "" : `, ${toMs(max_time_ns)} ms at worst`;
  return {
    record_name: presentableKey(record),
    stage_type: presentableText(stage_type, 40),
    index: index ?? null,
    ...(typeof name === "string" ? { name: presentableText(name, 100) } : {}),
    call_count,
    avg_time_ns,
    share_percent: percent,
    why: `It took ${percent} % of the time measured in all stages but sources: ${toMs(avg_time_ns)} ms a call in ${call_count} ${call_count === 1 ? "call" : "calls"}${slowest}. A source's time includes waiting for the next sample.`,
  };
}

function toMs(ns: number): number {
  return Number((ns / 1e6).toPrecision(3));
}
