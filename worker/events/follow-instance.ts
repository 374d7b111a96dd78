/**
 * Follows records of one instance: one question at a time waits at its relay for all of them. Each record is read
 * from its own cursor, so whatever happens in between, nothing is reported twice and nothing is missed silently.
 */
import { failure, type Failure } from "#shared/failure.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { Result } from "#shared/result.ts";
import {
  advance,
  dueNow,
  type FollowedRecord,
  type Outcome,
  type Told,
} from "./followed-record.ts";
import { WAIT_MS } from "./limits.ts";

/** Per answer: as much as a slow reader has to take before more is asked for. */
const MAX_BYTES = 100_000;
const MAX_SAMPLES = 500;

type Watched = MethodResult<"samples.watch">;

export interface Answered {
  readonly watched: Watched;
  /** Where the session clock starts, Unix milliseconds. */
  readonly sessionStartedAtMs: number;
}

export interface FollowParts {
  readonly ask: (params: Params<"samples.watch">) => Promise<Result<Answered, Failure>>;
  /** Settles when the reader has taken them. */
  readonly tell: (told: readonly Told[]) => Promise<void>;
  /** `over` after this long; `woken` sooner, if there is reason to try again. */
  readonly wait: (ms: number) => Promise<"over" | "woken">;
  readonly isOver: () => boolean;
  readonly nowMs: () => number;
}

/** Runs until the stream is over. */
export async function followInstance(
  records: readonly FollowedRecord[],
  { ask, tell, wait, isOver, nowMs }: FollowParts,
): Promise<void> {
  let all = records;
  while (!isOver()) {
    const { due, later, restMs } = sort(all, nowMs());
    if (due.length === 0) {
      if ((await wait(restMs)) === "woken") all = all.map(dueNow);
      continue;
    }
    const answer = await ask(paramsOf(due, restMs));
    if (isOver()) return;
    const changes = due.map((record) => advance(record, outcomeOf(record, answer), nowMs()));
    // Records that had news move to the end, so that a fast one leaves room for the others.
    const inTurn = changes.toSorted(
      (a, b) => Number(a.told.length > 0) - Number(b.told.length > 0),
    );
    all = [...later, ...inTurn.map(({ after }) => after)];
    const told = changes.flatMap((change) => change.told);
    if (told.length > 0) await tell(told);
  }
}

/** A question must not wait longer than until the next retry of a failed record. */
function sort(
  all: readonly FollowedRecord[],
  nowMs: number,
): { due: readonly FollowedRecord[]; later: readonly FollowedRecord[]; restMs: number } {
  const isDue = ({ failing }: FollowedRecord) => failing === undefined || failing.dueMs <= nowMs;
  const later = all.filter((record) => !isDue(record));
  const dues = later.map(({ failing }) => (failing?.dueMs ?? nowMs) - nowMs);
  return { due: all.filter(isDue), later, restMs: Math.min(WAIT_MS, ...dues) };
}

function paramsOf(due: readonly FollowedRecord[], restMs: number): Params<"samples.watch"> {
  return {
    records: due.map(({ record, cursor }) =>
      cursor === undefined ? { record } : { record, after: cursor },
    ),
    wait_ms: restMs,
    max_samples: MAX_SAMPLES,
    max_bytes: MAX_BYTES,
  };
}

function outcomeOf({ record }: FollowedRecord, answer: Result<Answered, Failure>): Outcome {
  if (!answer.ok) return { type: "failed", failure: answer.error };
  const { watched, sessionStartedAtMs } = answer.value;
  const entry = watched.entries.find((one) => one.record === record);
  if (entry === undefined) return { type: "nothing_new" };
  if (entry.ok !== undefined) return { type: "read", read: entry.ok, sessionStartedAtMs };
  const { err: code = "internal", message = "The relay refused.", details } = entry;
  return { type: "failed", failure: failure(code, message, details) };
}
