/** Which stage of the data flow takes longest, whether that matters, and the evidence for it. */
import * as z from "zod/mini";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { presentableText } from "../answers/presentable.ts";
import { presentableKey } from "../asking/record-name.ts";
import { safeParse } from "../../parse/safe-parse.ts";

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

/** A stage that is busy less of the time keeps up with its input. */
const LIMITING_PERCENT = 80;

/** The busiest stage, and whether it limits the flow. Undefined if nothing but sources was measured. */
export function findBottleneck(records: readonly ProfiledRecord[]): JsonObject | undefined {
  const stages = records.flatMap(({ record_key, stage_profiling = [] }) =>
    stage_profiling.flatMap((stage): Measured[] => {
      const { data } = safeParse(stageSchema, stage);
      return data !== undefined && data.call_count > 0 ? [{ ...data, record: record_key }] : [];
    }),
  );
  const measured = stages.filter(({ stage_type }) => stage_type !== WAITING);
  const [first, ...others] = measured;
  if (first === undefined) return undefined;
  const slowest = others.reduce((a, b) => (b.total_time_ns > a.total_time_ns ? b : a), first);
  const sum = measured.reduce((total, { total_time_ns }) => total + total_time_ns, 0);
  return describe(slowest, percentOf(slowest, sum) ?? 0, percentOf(slowest, spanOf(stages)));
}

/** How long was measured: no host states it, but each source was timed from its first sample to its newest. */
function spanOf(stages: readonly Measured[]): number {
  const sources = stages.filter(({ stage_type }) => stage_type === WAITING);
  return Math.max(0, ...sources.map(({ total_time_ns }) => total_time_ns));
}

function percentOf({ total_time_ns }: Measured, of: number): number | undefined {
  return of > 0 ? (total_time_ns / of) * 100 : undefined;
}

function describe(stage: Measured, share: number, busy: number | undefined): JsonObject {
  const { record, stage_type, index, name, call_count, avg_time_ns, max_time_ns } = stage;
  const slowest = max_time_ns === undefined ? "" : `, ${toMs(max_time_ns)} ms at worst`;
  const calls = `${toMs(avg_time_ns)} ms a call in ${call_count} ${call_count === 1 ? "call" : "calls"}${slowest}`;
  const percent = Math.round(share);
  return {
    limits_flow: busy === undefined ? null : busy >= LIMITING_PERCENT,
    record_name: presentableKey(record),
    stage_type: presentableText(stage_type, 40),
    index: index ?? null,
    ...(typeof name === "string" ? { name: presentableText(name, 100) } : {}),
    call_count,
    avg_time_ns,
    share_percent: percent,
    busy_percent: busy === undefined ? null : shortPercent(busy),
    why: `${verdictOf(busy)} It took ${percent} % of the time measured in all stages but sources: ${calls}. A source's time includes waiting for the next sample.`,
  };
}

function verdictOf(busy: number | undefined): string {
  if (busy === undefined) {
    return "The busiest stage. Whether it limits anything is not known: no source was timed beside it.";
  }
  return busy >= LIMITING_PERCENT
    ? `It is busy ${shortPercent(busy)} % of the time: it limits what can flow.`
    : `No stage limits the flow: the busiest works ${shortPercent(busy)} % of the time.`;
}

function shortPercent(percent: number): number {
  return Number(percent.toPrecision(2));
}

function toMs(ns: number): number {
  return Number((ns / 1e6).toPrecision(3));
}
