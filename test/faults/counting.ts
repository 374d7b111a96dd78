/** What readers were told of a record whose producer counts, against the processes that can have produced it. Pure. */

export interface HostRun {
  readonly startedMs: number;
  readonly endedMs?: number | undefined;
}

/** Counts from 0 in each run, and never faster than once a period. */
export interface Producer {
  readonly periodMs: number;
  readonly runs: readonly HostRun[];
}

export interface ToldGap {
  readonly reason: string;
  /** Null: nobody could count them. */
  readonly missed: number | null;
}

/** One answer, or one event of a stream. Its gaps lie before or among its numbers. */
export interface Told {
  readonly atMs: number;
  /** Oldest first. */
  readonly numbers: readonly number[];
  readonly gaps: readonly ToldGap[];
}

export interface ReadValue {
  readonly atMs: number;
  readonly n: number;
  /** It was told as what was known last, which a worker that is killed may have stored a second before. */
  readonly isStale: boolean;
}

/** A number, and every run that can have produced it: which one did is not told. */
interface Place {
  readonly n: number;
  readonly runs: readonly number[];
}

/** Each number once, in order; what is left out is in a gap, and where its gaps are counted, it is as many. */
export function brokenSequence(told: readonly Told[], producer: Producer): string[] {
  const broken: string[] = [];
  let last: Place | undefined;
  let gaps: readonly ToldGap[] = [];
  for (const { atMs, numbers, gaps: more } of told) {
    gaps = [...gaps, ...more];
    if (numbers.length === 0) continue;
    const answer = inAnswer(last, { atMs, numbers, gaps }, producer);
    broken.push(...answer.broken);
    ({ last } = answer);
    gaps = [];
  }
  return broken;
}

/** Each value is one that there was, and none that is told as the record's own is older than the one before it. */
export function brokenReads(values: readonly ReadValue[], producer: Producer): string[] {
  const broken: string[] = [];
  let last: Place | undefined;
  for (const { n, atMs, isStale } of values) {
    const runs = runsOf(n, atMs, producer);
    if (runs.length === 0) {
      broken.push(`${n} was read and never produced`);
      continue;
    }
    if (isStale) continue;
    const next = { n, runs: last === undefined ? runs : notBefore(last, { n, runs }) };
    if (next.runs.length === 0) broken.push(`${n} was read behind ${last?.n}`);
    last = next.runs.length === 0 ? { n, runs } : next;
  }
  return broken;
}

function inAnswer(
  before: Place | undefined,
  { atMs, numbers, gaps }: Told,
  producer: Producer,
): { broken: readonly string[]; last: Place | undefined } {
  const isUncounted = gaps.some(({ missed }) => missed === null);
  const counted = gaps.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
  let missing = 0;
  let last = before;
  for (const n of numbers) {
    const runs = runsOf(n, atMs, producer);
    if (runs.length === 0) return { broken: [`${n} was never produced`], last: undefined };
    const next = { n, runs: last === undefined ? runs : behind(last, { n, runs }, isUncounted) };
    if (next.runs.length === 0) {
      const told = JSON.stringify(gaps.map(({ reason, missed }) => ({ reason, missed })));
      return { broken: [`${n} came behind ${last?.n}, and ${told} was told`], last: { n, runs } };
    }
    missing += Math.max(0, n - (last?.n ?? n) - 1);
    last = next;
  }
  // What is missing before the first of all is missing to nobody.
  const isRight = before === undefined ? missing <= counted : missing === counted;
  const broken =
    isUncounted || isRight
      ? []
      : [`${missing} are missing before ${last?.n}, and gaps of ${counted} were told`];
  return { broken, last };
}

/** The next one of the same run; of another only behind a gap that nobody could count. */
function behind(last: Place, { n, runs }: Place, isUncounted: boolean): readonly number[] {
  return runs.filter(
    (run) =>
      (n > last.n && last.runs.includes(run)) ||
      (isUncounted && last.runs.some((earlier) => earlier < run)),
  );
}

function notBefore(last: Place, { n, runs }: Place): readonly number[] {
  return runs.filter(
    (run) => (n >= last.n && last.runs.includes(run)) || last.runs.some((earlier) => earlier < run),
  );
}

function runsOf(n: number, atMs: number, { periodMs, runs }: Producer): number[] {
  if (!Number.isInteger(n) || n < 0) return [];
  return runs.flatMap(({ startedMs, endedMs = atMs }, run) =>
    startedMs + n * periodMs <= Math.min(atMs, endedMs) ? [run] : [],
  );
}
