/** A closed loop for a while: each lane asks again as soon as it has its answer. */
import type { Call } from "./subject.ts";

export interface Cell {
  readonly rps: number;
  readonly p50_ms: number;
  readonly p99_ms: number;
  readonly calls: number;
  readonly errors: number;
  readonly first_error?: string | undefined;
}

export async function measure(
  call: Call,
  { concurrency, windowMs }: { concurrency: number; windowMs: number },
): Promise<Cell> {
  const times: number[] = [];
  let errors = 0;
  let firstError: string | undefined;
  const startMs = performance.now();
  const endMs = startMs + windowMs;
  const lane = async (n: number): Promise<void> => {
    while (performance.now() < endMs) {
      const beforeMs = performance.now();
      try {
        await call(n);
        times.push(performance.now() - beforeMs);
      } catch (error) {
        errors += 1;
        firstError ??= String(error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, n) => lane(n)));
  const elapsedS = (performance.now() - startMs) / 1000;
  times.sort((a, b) => a - b);
  return {
    rps: round(times.length / elapsedS),
    p50_ms: round(quantile(times, 0.5)),
    p99_ms: round(quantile(times, 0.99)),
    calls: times.length,
    errors,
    ...(firstError === undefined ? {} : { first_error: firstError }),
  };
}

/** Of sorted numbers; NaN of none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
