/** What was asked, what was answered, and what the host says it did: where they contradict each other. Pure. */

export interface AskedWrite {
  /** No other write has it. */
  readonly n: number;
  /** As the caller was told last: by the answer, or by the look-up after it. */
  readonly outcome: "applied" | "refused" | "not_applied" | "unknown" | "failed";
  readonly code?: string | undefined;
  readonly tookMs: number;
}

export interface AskedRead {
  readonly outcome: string;
  readonly tookMs: number;
}

/** What a reader of the event stream was told of a record whose producer counts. */
export type Heard =
  | { readonly type: "sample"; readonly n: number; readonly epoch: string }
  | { readonly type: "gap"; readonly reason: string };

export interface Ledger {
  readonly writes: readonly AskedWrite[];
  readonly reads: readonly AskedRead[];
  /** What the application took, in its order, whichever process of it. */
  readonly taken: readonly number[];
  readonly heard: readonly Heard[];
}

/** A write waits at the device for 25 s at most, and has 5 s for the way back; the rest is this machine's. */
export const WRITE_DEADLINE_MS = 35_000;
export const READ_DEADLINE_MS = 20_000;

/** Empty if every promise was kept. */
export function brokenPromises({ writes, reads, taken, heard }: Ledger): string[] {
  const times = new Map<number, number>();
  for (const n of taken) times.set(n, (times.get(n) ?? 0) + 1);
  return [
    ...writes.flatMap((write) => ofWrite(write, times.get(write.n) ?? 0)),
    ...[...times.keys()]
      .filter((n) => !writes.some((write) => write.n === n))
      .map((n) => `${n} was executed and never asked for`),
    ...reads
      .filter(({ tookMs }) => tookMs > READ_DEADLINE_MS)
      .map(({ tookMs }) => `a read was answered after ${Math.round(tookMs)} ms`),
    ...ofStream(heard),
  ];
}

function ofWrite({ n, outcome, tookMs }: AskedWrite, times: number): string[] {
  const late = tookMs > WRITE_DEADLINE_MS ? [`write ${n} took ${Math.round(tookMs)} ms`] : [];
  if (times > 1) return [...late, `write ${n} was executed ${times} times`];
  switch (outcome) {
    case "applied":
      return times === 1 ? late : [...late, `write ${n} was acknowledged and is lost`];
    case "refused":
    case "not_applied":
      return times === 0 ? late : [...late, `write ${n} was executed, and called ${outcome}`];
    case "failed":
      return times === 0 ? late : [...late, `write ${n} was executed, and called failed`];
    case "unknown":
      return late;
  }
}

/** The producer counts by one: what is left out is in a gap, and nothing comes twice. */
function ofStream(heard: readonly Heard[]): string[] {
  const broken: string[] = [];
  let last: Extract<Heard, { type: "sample" }> | undefined;
  let hasGap = false;
  for (const one of heard) {
    if (one.type === "gap") {
      hasGap = true;
      continue;
    }
    if (!Number.isInteger(one.n) || one.n < 0) broken.push(`${one.n} was never produced`);
    if (last !== undefined && !follows(last, one, hasGap)) {
      broken.push(`${one.n} came behind ${last.n}, and no gap was told`);
    }
    last = one;
    hasGap = false;
  }
  return broken;
}

function follows(
  last: Extract<Heard, { type: "sample" }>,
  next: Extract<Heard, { type: "sample" }>,
  hasGap: boolean,
): boolean {
  if (next.n === last.n + 1) return true;
  // Behind a gap the host may have begun anew; without one nothing is left out or told again.
  return hasGap && (next.n > last.n || next.epoch !== last.epoch);
}
