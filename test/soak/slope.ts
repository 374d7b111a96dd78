/** Whether something grows: a line through what was measured, by least squares. Pure. */

export interface Point {
  readonly atMs: number;
  readonly kib: number;
}

export interface Slope {
  /** KiB a minute. */
  readonly perMinute: number;
  /** Its standard error: what is within two of it may be chance. */
  readonly error: number;
}

const MINUTE_MS = 60_000;

/**
 * One point for each minute that is whole. Memory wanders for half a minute and more, so points that are seconds apart say
 * the same thing several times, and an error taken of them is too small.
 */
export function minuteMeans(points: readonly Point[]): Point[] {
  const startMs = points[0]?.atMs ?? 0;
  const whole = Math.floor(((points.at(-1)?.atMs ?? 0) - startMs) / MINUTE_MS);
  return Array.from({ length: whole }).flatMap((_, minute) => {
    const within = points.filter(({ atMs }) => Math.floor((atMs - startMs) / MINUTE_MS) === minute);
    if (within.length === 0) return [];
    const mean = (of: (point: Point) => number) => sum(within.map(of)) / within.length;
    return { atMs: mean(({ atMs }) => atMs), kib: mean(({ kib }) => kib) };
  });
}

/** Of three points or more. */
export function slopeOf(points: readonly Point[]): Slope {
  const count = points.length;
  if (count < 3) throw new Error("A slope takes three points or more.");
  const minutes = points.map(({ atMs }) => atMs / MINUTE_MS);
  const meanX = sum(minutes) / count;
  const meanY = sum(points.map(({ kib }) => kib)) / count;
  const spread = sum(minutes.map((x) => (x - meanX) ** 2));
  const perMinute =
    sum(points.map(({ kib }, i) => ((minutes[i] ?? 0) - meanX) * (kib - meanY))) / spread;
  const residuals = points.map(
    ({ kib }, i) => (kib - meanY - perMinute * ((minutes[i] ?? 0) - meanX)) ** 2,
  );
  return { perMinute, error: Math.sqrt(sum(residuals) / (count - 2) / spread) };
}

/** It grows by more than `limit`, and that is no chance. */
export function isGrowing({ perMinute, error }: Slope, limit: number): boolean {
  return perMinute - 2 * error > limit;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
