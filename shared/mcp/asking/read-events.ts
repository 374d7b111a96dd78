/**
 * The samples of one call on a subscription. In one wait, or in short ones if something has to be done in between:
 * check a stop condition, report progress.
 */
import type { Failure } from "../../failure.ts";
import type { Fleet, TimedSample } from "../../fleet/fleet.ts";
import { ok, type Result } from "../../result.ts";
import type { Condition } from "../findings/condition.ts";
import { byteLength } from "../answers/fit.ts";
import { MAX_CALL_WAIT_MS } from "../limits.ts";
import { EventRun, SAMPLE_BYTES } from "./event-run.ts";

/** How late a stop condition may be noticed. */
const SLICE_MS = 2_500;

/** Samples to be checked, most of which no answer shows: 300 a second, if small, come in one read a slice. */
const CHECKED_BYTES = 150_000;

/** One call's share of what a request to the platform may start: a record faster than that takes several calls. */
const MAX_READS = 40;

export interface ReadOptions {
  /** Where an earlier answer ended; undefined: where the last one did. */
  readonly after: string | undefined;
  /** What the answer has for samples. */
  readonly maxBytes: number;
  readonly condition: Condition | undefined;
  /** Whether samples on which the condition can't be checked end the call. */
  readonly endsInVain: boolean;
  readonly progress: ((message: string) => void) | undefined;
}

export interface ReadEvents {
  readonly run: EventRun;
  /** Why the call ended early, with what had come until then. */
  readonly interrupted?: Failure | undefined;
}

const AT_ONCE = { sliceMs: MAX_CALL_WAIT_MS, maxReads: 1 };
const IN_SLICES = { sliceMs: SLICE_MS, maxReads: MAX_READS };

export async function readEvents(
  fleet: Fleet,
  id: string,
  options: ReadOptions,
): Promise<Result<ReadEvents, Failure>> {
  const { after, maxBytes, condition, progress } = options;
  const isSliced = condition !== undefined || progress !== undefined;
  const { sliceMs, maxReads } = isSliced ? IN_SLICES : AT_ONCE;
  const endMs = fleet.nowMs() + MAX_CALL_WAIT_MS;
  const bytes = condition === undefined ? maxBytes : CHECKED_BYTES;
  const first = await fleet.readSubscription(id, { after, waitMs: sliceMs, maxBytes: bytes });
  if (!first.ok) return first;
  const run = new EventRun(first.value, { condition, keptBytes: maxBytes });
  for (let reads = 1; reads < maxReads && !isOver(run, options); reads += 1) {
    const waitMs = Math.min(sliceMs, endMs - fleet.nowMs());
    const left = roomFor(run.samples, options);
    if (waitMs <= 0 || left === undefined) break;
    progress?.(`${run.count} events so far.`);
    const next = await fleet.readSubscription(id, { after: run.next, waitMs, maxBytes: left });
    if (!next.ok) return ok({ run, interrupted: next.error });
    run.add(next.value);
  }
  if (run.stoppedBy !== undefined) await fleet.unsubscribe(id);
  return ok({ run });
}

function isOver(run: EventRun, { endsInVain }: ReadOptions): boolean {
  return run.complete || (endsInVain && run.isInVain);
}

/** A read gives one sample at least, however long it is: undefined without room for another like these. */
function roomFor(
  samples: readonly TimedSample[],
  { condition, maxBytes }: ReadOptions,
): number | undefined {
  if (condition !== undefined) return CHECKED_BYTES;
  const sizes = samples.map(({ value }) => byteLength(value) + SAMPLE_BYTES);
  const left = maxBytes - sizes.reduce((sum, size) => sum + size, 0);
  return left >= Math.max(SAMPLE_BYTES, ...sizes) ? left : undefined;
}
