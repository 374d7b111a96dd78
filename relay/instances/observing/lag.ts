/**
 * Readers that can't have everything, over a narrow or metered line. They go on with the newest samples, and missed
 * ones are reported.
 */
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceContext } from "../context.ts";

/** How far a reader may be behind. */
export interface LagBound {
  /** All records together; more is passed over, */
  readonly maxBytes: number;
  /** except for this much of the newest. */
  readonly keptBytes: number;
  readonly reason: Gap["reason"];
}

/** Answers with samples go one after another, as fast as their sum may be. */
export interface Pace {
  /** The wait until the next may go; asked again, it may differ. */
  readonly restMs: () => number;
  /** An answer of this many bytes goes. */
  readonly take: (bytes: number) => void;
}

export interface Place {
  readonly key: string;
  readonly after: Cursor;
}

export interface Passed {
  readonly after: Cursor;
  /** What was passed over up to that point. */
  readonly gaps: readonly Gap[];
}

/** If more waits for the reader than it may lag, each record continues with its newest samples. */
export function caughtUp(
  { store, storeKey }: InstanceContext,
  places: readonly Place[],
  { untilMs, ...lag }: LagBound & { readonly untilMs?: number },
): readonly Passed[] {
  const stay = ({ after }: Place): Passed => ({ after, gaps: [] });
  if (store.bytes <= lag.maxBytes) return places.map(stay);
  const bytes = places.map(({ key, after }) => store.bytesBehind(storeKey(key), after));
  if (bytes.reduce((sum, one) => sum + one, 0) <= lag.maxBytes) return places.map(stay);
  const keptBytes = lag.keptBytes / bytes.filter((one) => one > 0).length;
  return places.map((place, i) => {
    if (bytes[i] === 0) return stay(place);
    const kept = { keptBytes, reason: lag.reason, untilMs };
    const { cursor, gaps } = store.passOver(storeKey(place.key), place.after, kept);
    return { after: cursor, gaps };
  });
}

/** The next hour may begin meanwhile. */
const LOOK_MS = 5_000;

/** False if its turn did not come within `waitMs`. */
export async function untilTurn(
  { restMs }: Pace,
  wait: { readonly clock: InstanceContext["clock"]; waitMs: number; signal: AbortSignal },
): Promise<boolean> {
  const { clock, waitMs, signal } = wait;
  const endMs = clock.monotonicMs() + waitMs;
  for (let rest = restMs(); rest > 0; rest = restMs()) {
    const leftMs = endMs - clock.monotonicMs();
    if (leftMs <= 0 || signal.aborted) return false;
    await waitUntil({ clock, waitMs: Math.min(rest, leftMs, LOOK_MS), signal }, () => () => {});
  }
  return true;
}

/** The bytes around an answer's samples, and of its question. */
const ANSWER_BYTES = 600;

/** An answer that nobody waits for any more is not sent, so its turn is left to others. */
export function takeTurn(
  { pace, signal }: { readonly pace?: Pace | undefined; readonly signal: AbortSignal },
  samples: readonly { readonly bytes: number }[],
): void {
  if (!signal.aborted) pace?.take(samples.reduce((sum, { bytes }) => sum + bytes, ANSWER_BYTES));
}
