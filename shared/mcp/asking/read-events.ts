/**
 * The samples of one call on a subscription. In one wait, or in short ones if something has to be done in between:
 * check a stop condition, report progress.
 */
import type { Failure } from "../../failure.ts";
import type { Fleet, SubscriptionBatch, TimedSample } from "../../fleet.ts";
import { ok, type Result } from "../../result.ts";
import { checkCondition, type Condition } from "../findings/condition.ts";
import { byteLength } from "../answers/fit.ts";
import { MAX_CALL_WAIT_MS } from "../limits.ts";

/** How late a stop condition may be noticed. */
const SLICE_MS = 2_500;

export interface ReadOptions {
  /** Where an earlier answer ended; undefined: where the last one did. */
  readonly after: string | undefined;
  readonly maxBytes: number;
  readonly condition: Condition | undefined;
  readonly progress: ((message: string) => void) | undefined;
}

export interface ReadEvents extends SubscriptionBatch {
  /** The sample that met the condition; the subscription is over with it. */
  readonly stoppedBy?: TimedSample | undefined;
  /** The number of samples on which the condition can't be checked. */
  readonly uncheckable: number;
  /** Why the call ended early, with what had come until then. */
  readonly interrupted?: Failure | undefined;
}

export async function readEvents(
  fleet: Fleet,
  id: string,
  { after, maxBytes, condition, progress }: ReadOptions,
): Promise<Result<ReadEvents, Failure>> {
  const isSliced = condition !== undefined || progress !== undefined;
  const waitMs = isSliced ? SLICE_MS : MAX_CALL_WAIT_MS;
  const first = await fleet.readSubscription(id, { after, waitMs, maxBytes });
  if (!first.ok) return first;
  let read = checked(first.value, condition);
  for (let waitedMs = waitMs; waitedMs < MAX_CALL_WAIT_MS; waitedMs += waitMs) {
    const left = maxBytes - bytesOf(read.samples);
    if (read.complete || read.stoppedBy !== undefined || !hasRoom(read.samples, left)) break;
    progress?.(`${read.samples.length} events so far.`);
    const next = await fleet.readSubscription(id, {
      after: read.next,
      waitMs,
      maxBytes: left,
    });
    if (!next.ok) return ok({ ...read, interrupted: next.error });
    read = joined(read, checked(next.value, condition));
  }
  if (read.stoppedBy === undefined) return ok(read);
  await fleet.unsubscribe(id);
  return ok({ ...read, complete: true });
}

function checked(batch: SubscriptionBatch, condition: Condition | undefined): ReadEvents {
  if (condition === undefined) return { ...batch, uncheckable: 0 };
  const checks = batch.samples.map(({ value }) => checkCondition(condition, value));
  const stoppedBy = batch.samples[checks.indexOf("met")];
  return { ...batch, stoppedBy, uncheckable: checks.filter((check) => check === "absent").length };
}

function joined(before: ReadEvents, after: ReadEvents): ReadEvents {
  return {
    ...after,
    samples: [...before.samples, ...after.samples],
    gaps: [...before.gaps, ...after.gaps],
    uncheckable: before.uncheckable + after.uncheckable,
  };
}

function bytesOf(samples: readonly TimedSample[]): number {
  return samples.reduce((sum, { value }) => sum + byteLength(value) + SAMPLE_BYTES, 0);
}

/** A sample without its value. */
const SAMPLE_BYTES = 120;

/** A read gives one sample at least, however long it is: there must be room for another like these. */
function hasRoom(samples: readonly TimedSample[], left: number): boolean {
  const longest = Math.max(0, ...samples.map(({ value }) => byteLength(value)));
  return left >= longest + SAMPLE_BYTES;
}
