/** How long things took, counted in fixed steps, so that counts can be added up and stay a few numbers. */
import * as z from "zod/mini";

/** From a warm call on one machine to the longest possible wait. */
export const DURATION_BOUNDS_S: readonly number[] = [
  0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

const count = z.number().check(z.int(), z.minimum(0));
const STEPS = DURATION_BOUNDS_S.length + 1;

export const durationCountsSchema = z.object({
  /** One for each bound, of those that took no longer and longer than the bound before; the last has the rest. */
  counts: z.array(count).check(z.length(STEPS)),
  sumMs: z.number().check(z.minimum(0)),
});
export type DurationCounts = z.infer<typeof durationCountsSchema>;

export function noDurations(): DurationCounts {
  return { counts: Array.from({ length: STEPS }, () => 0), sumMs: 0 };
}

export function copyOf({ counts, sumMs }: DurationCounts): DurationCounts {
  return { counts: [...counts], sumMs };
}

/** Changes them in place: a call costs one addition. */
export function noteDuration(durations: DurationCounts, ms: number): void {
  const found = DURATION_BOUNDS_S.findIndex((bound) => ms <= bound * 1_000);
  const step = found === -1 ? STEPS - 1 : found;
  durations.counts[step] = (durations.counts[step] ?? 0) + 1;
  durations.sumMs += Math.max(0, ms);
}

export function addDurations(one: DurationCounts, other: DurationCounts): DurationCounts {
  return {
    counts: one.counts.map((n, step) => n + (other.counts[step] ?? 0)),
    sumMs: one.sumMs + other.sumMs,
  };
}
