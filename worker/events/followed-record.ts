/** One record that a stream follows: how far it has been read, and what an answer tells the reader. Pure. */
import type { Failure } from "#shared/failure.ts";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import { toTimedSample } from "#shared/fleet/timed-sample.ts";
import { toldWaitMs } from "#shared/fleet/told-wait.ts";
import {
  beforeNewest,
  stepsOf,
  withoutLeadingGaps,
  type SamplesRead,
  type Step,
} from "./sample-events.ts";

/** Delay before a record that could not be read is asked for again; doubled each time. */
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

export interface FollowedRecord {
  /** Its index in the selection. */
  readonly place: number;
  readonly instance: string;
  readonly record: string;
  /** Undefined: the position is not known yet. */
  readonly cursor: Cursor | undefined;
  /** The reader has seen nothing of it yet. */
  readonly isFresh: boolean;
  readonly failing: Failing | undefined;
}

interface Failing {
  readonly code: Failure["code"];
  readonly retryMs: number;
  /** When it is asked for again. */
  readonly dueMs: number;
}

export interface Told {
  readonly event: string;
  readonly data: object;
  /** How far this event takes the reader: in a record, or in presence. */
  readonly reached?: { readonly place: number; readonly cursor: Cursor } | { readonly seq: number };
}

export type Outcome =
  | { readonly type: "read"; readonly read: SamplesRead; readonly sessionStartedAtMs: number }
  | { readonly type: "nothing_new" }
  | { readonly type: "failed"; readonly failure: Failure };

export interface Advance {
  readonly after: FollowedRecord;
  readonly told: readonly Told[];
}

/** Starts after `cursor`, or at the newest sample that the relay has. */
export function followed(
  about: Pick<FollowedRecord, "place" | "instance" | "record" | "cursor">,
): FollowedRecord {
  return { ...about, isFresh: about.cursor === undefined, failing: undefined };
}

export function advance(before: FollowedRecord, outcome: Outcome, nowMs: number): Advance {
  if (outcome.type === "failed") return fail(before, outcome.failure, nowMs);
  const { instance, record, failing } = before;
  const back = failing === undefined ? [] : [{ event: "available", data: { instance, record } }];
  const after = { ...before, failing: undefined };
  if (outcome.type === "nothing_new") return { after, told: back };
  const { read, sessionStartedAtMs } = outcome;
  if (before.cursor === undefined) {
    return { after: { ...after, cursor: beforeNewest(read.cursor) }, told: back };
  }
  const steps = stepsOf(before.cursor, read);
  const seen = before.isFresh ? withoutLeadingGaps(steps) : steps;
  return {
    after: { ...after, cursor: read.cursor, isFresh: before.isFresh && seen.length === 0 },
    told: [...back, ...seen.map((step) => toTold(step, before, { sessionStartedAtMs, nowMs }))],
  };
}

/** The cause of the failure may be gone. */
export function dueNow(record: FollowedRecord): FollowedRecord {
  const { failing } = record;
  return failing === undefined ? record : { ...record, failing: { ...failing, dueMs: 0 } };
}

function fail(before: FollowedRecord, failure: Failure, nowMs: number): Advance {
  const { code, message } = failure;
  const { instance, record, failing } = before;
  const retryMs =
    failing === undefined ? FIRST_RETRY_MS : Math.min(failing.retryMs * 2, MAX_RETRY_MS);
  const dueMs = nowMs + Math.max(retryMs, toldWaitMs(failure));
  const after = { ...before, failing: { code, retryMs, dueMs } };
  if (failing?.code === code) return { after, told: [] };
  return { after, told: [{ event: "unavailable", data: { instance, record, code, message } }] };
}

function toTold(
  step: Step,
  { place, instance, record }: FollowedRecord,
  { sessionStartedAtMs, nowMs }: { readonly sessionStartedAtMs: number; readonly nowMs: number },
): Told {
  const reached = { place, cursor: step.next };
  if (step.type === "gap") {
    const { gap, from = null, next: to } = step;
    return { event: "gap", data: { instance, record, ...gap, from, to }, reached };
  }
  const { value, timestamp, timeSource, ageMs, sequence, epoch } = toTimedSample(
    step.sample,
    sessionStartedAtMs,
    nowMs,
  );
  return {
    event: "sample",
    data: {
      instance,
      record,
      value,
      timestamp,
      timestamp_source: timeSource,
      age_ms: Math.round(ageMs),
      sequence,
      epoch,
    },
    reached,
  };
}
