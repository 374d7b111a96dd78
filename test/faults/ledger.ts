/** What was asked, what was answered, and what the host says it did: where they contradict each other. Pure. */
import { brokenReads, brokenSequence, type Producer, type Told } from "./counting.ts";

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
  readonly atMs: number;
  /** Of a record whose producer counts, where a value was answered. */
  readonly n?: number | undefined;
}

export interface Ledger {
  readonly writes: readonly AskedWrite[];
  readonly reads: readonly AskedRead[];
  /** What the application took, in its order, whichever process of it. */
  readonly taken: readonly number[];
  /** By who was told: each record's producer counts. */
  readonly heard: Readonly<Record<string, readonly Told[]>>;
  /** What ended a subscription that nobody ended. */
  readonly ended: readonly string[];
  readonly producer: Producer;
}

/** A write waits at the device for 25 s at most, and has 5 s for the way back; the rest is this machine's. */
export const WRITE_DEADLINE_MS = 35_000;
export const READ_DEADLINE_MS = 20_000;

/** The outcome of a read that was answered with what was known last, and said so. */
export const STALE = "stale";

/** Empty if every promise was kept. */
export function brokenPromises(ledger: Ledger): string[] {
  const { writes, reads, taken, heard, ended, producer } = ledger;
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
    ...brokenReads(
      reads.flatMap(({ n, atMs, outcome }) =>
        n === undefined ? [] : [{ n, atMs, isStale: outcome === STALE }],
      ),
      producer,
    ),
    ...Object.entries(heard).flatMap(([reader, told]) =>
      brokenSequence(told, producer).map((problem) => `${reader}: ${problem}`),
    ),
    ...ended.map((code) => `a subscription was ended: ${code}`),
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
