/**
 * Subjects side by side: for each cell every subject runs a short window in turn, several rounds,
 * and its median window counts. What disturbs the machine disturbs them alike.
 */
import { measure, round, type Cell } from "./measure.ts";
import { usageOf } from "./process-usage.ts";
import type { Operation, RunningSubject, Subject } from "./subject.ts";

export interface CellRow extends Cell {
  readonly subject: string;
  readonly era: Subject["era"];
  readonly operation: Operation;
  readonly concurrency: number;
  /** CPU milliseconds of one call, by role. */
  readonly cpu_ms_per_call: Readonly<Record<string, number>>;
  readonly rss_mb: Readonly<Record<string, number>>;
}

export interface RunOptions {
  readonly concurrencies: readonly number[];
  readonly windowMs: number;
  readonly rounds: number;
  readonly tell: (text: string) => void;
}

export async function runCells(
  started: readonly (readonly [Subject, RunningSubject])[],
  operation: Operation,
  { concurrencies, windowMs, rounds, tell }: RunOptions,
): Promise<CellRow[]> {
  const able = started.filter(([{ operations }]) => operations.includes(operation));
  const rows: CellRow[] = [];
  for (const concurrency of concurrencies) {
    for (const [, running] of able) {
      // Connections, sessions and compiled code are not what is measured.
      await measure(running.call(operation), { concurrency, windowMs: WARM_UP_MS });
    }
    const windows: CellRow[] = [];
    for (let i = 0; i < rounds; i += 1) {
      for (const each of able)
        windows.push(await runWindow(each, operation, { concurrency, windowMs }));
    }
    for (const [{ name }] of able) {
      const row = medianOf(windows.filter(({ subject }) => subject === name));
      rows.push(row);
      tell(`${operation} c=${concurrency} ${name}: ${row.rps}/s p50 ${row.p50_ms} ms`);
    }
  }
  return rows;
}

/** Until V8 has compiled what is called often, at one call at a time: behind one second it is a fifth slower still. */
const WARM_UP_MS = 4_000;

async function runWindow(
  [subject, running]: readonly [Subject, RunningSubject],
  operation: Operation,
  { concurrency, windowMs }: { concurrency: number; windowMs: number },
): Promise<CellRow> {
  const before = usages(running);
  const cell = await measure(running.call(operation), { concurrency, windowMs });
  const after = usages(running);
  const perRole = (of: (role: string) => number) =>
    Object.fromEntries(Object.keys(running.pids).map((role) => [role, round(of(role))]));
  return {
    subject: subject.name,
    era: subject.era,
    operation,
    concurrency,
    ...cell,
    cpu_ms_per_call: perRole(
      (role) => ((after[role]?.cpuMs ?? 0) - (before[role]?.cpuMs ?? 0)) / Math.max(1, cell.calls),
    ),
    rss_mb: perRole((role) => after[role]?.rssMb ?? 0),
  };
}

function usages({ pids }: RunningSubject): Record<string, ReturnType<typeof usageOf>> {
  return Object.fromEntries(Object.entries(pids).map(([role, pid]) => [role, usageOf(pid)]));
}

/** By calls per second; errors of any window stay visible. */
function medianOf(rows: readonly CellRow[]): CellRow {
  const sorted = [...rows].sort((a, b) => a.rps - b.rps);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("No window was measured");
  const errors = rows.reduce((sum, row) => sum + row.errors, 0);
  const first_error = rows.find((row) => row.first_error !== undefined)?.first_error;
  return { ...middle, errors, ...(first_error === undefined ? {} : { first_error }) };
}
