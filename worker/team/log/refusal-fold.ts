/**
 * Keeps a principal that is refused again and again from filling the log: beyond some lines a minute its refusals
 * become one line, which says how many there were. The count is kept in a row until its minute is over.
 */
import * as z from "zod/mini";
import type { ErrorCode } from "#shared/failure.ts";
import { toolEntrySchema, type ToolEntry } from "../../access/audit-entry.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

export const MINUTE_MS = 60_000;
/** Enough to show what is being tried. */
const MAX_NOTED = 20;

/** Refusals for who asks or how often, as opposed to what the device did with the call. */
const REFUSALS: ReadonlySet<string> = new Set<ErrorCode>([
  "unauthenticated",
  "insufficient_scope",
  "unknown_instance",
  "unknown_subscription",
  "unknown_call",
  "refused_by_device",
  "refused_by_host",
  "refused_by_team",
  "too_many_pending",
  "too_many_subscriptions",
  "rate_limited",
  "team_limit",
  "busy",
]);

export function isRefusal(outcome: string): boolean {
  return REFUSALS.has(outcome);
}

const foldRow = z.object({
  minute: z.number(),
  noted: z.number(),
  times: z.number(),
  last: z.nullable(z.string()),
});
type Fold = z.infer<typeof foldRow>;

export interface Folding {
  /** To be appended to the log. */
  readonly kept: readonly ToolEntry[];
  /** Call it after they are stored. True if some refusals are counted, whose line is due a minute later. */
  readonly save: () => boolean;
}

export function foldRefusals(sql: Sql, entries: readonly ToolEntry[], nowMs: number): Folding {
  const minute = Math.floor(nowMs / MINUTE_MS);
  const folds = new Map<string, Fold>();
  const kept: ToolEntry[] = endedFolds(sql, minute);
  for (const entry of entries) {
    const isCounted = isRefusal(entry.outcome) && !takesLine(foldOf(sql, folds, entry, minute));
    if (!isCounted) kept.push(entry);
    else count(foldOf(sql, folds, entry, minute), entry);
  }
  return {
    kept,
    save: () => {
      sql.exec("DELETE FROM audit_fold WHERE minute < ?", minute);
      for (const [principal, { minute, noted, times, last }] of folds) {
        const values = [principal, minute, noted, times, last];
        sql.exec("INSERT OR REPLACE INTO audit_fold VALUES (?, ?, ?, ?, ?)", ...values);
      }
      return rowsOf(sql, foldRow, `${SELECT} WHERE times > 0 LIMIT 1`).length > 0;
    },
  };
}

/** The last counted refusal has no line yet, but is known all the same. */
export function isLastFolded(sql: Sql, entry: ToolEntry): boolean {
  if (!isRefusal(entry.outcome)) return false;
  const folds = rowsOf(sql, foldRow, `${SELECT} WHERE principal = ?`, entry.principal);
  return folds.some(({ last }) => last === JSON.stringify(entry));
}

const SELECT = "SELECT minute, noted, times, last FROM audit_fold";

function foldOf(
  sql: Sql,
  folds: Map<string, Fold>,
  { principal }: ToolEntry,
  minute: number,
): Fold {
  const known = folds.get(principal);
  if (known !== undefined) return known;
  const [stored] = rowsOf(
    sql,
    foldRow,
    `${SELECT} WHERE principal = ? AND minute = ?`,
    principal,
    minute,
  );
  const fold = stored ?? { minute, noted: 0, times: 0, last: null };
  folds.set(principal, fold);
  return fold;
}

function takesLine(fold: Fold): boolean {
  if (fold.noted >= MAX_NOTED) return false;
  fold.noted += 1;
  return true;
}

function count(fold: Fold, entry: ToolEntry): void {
  fold.times += 1;
  fold.last = JSON.stringify(entry);
}

/** Entries of the last refusal each, with how many there were. */
function endedFolds(sql: Sql, minute: number): ToolEntry[] {
  const ended = rowsOf(sql, foldRow, `${SELECT} WHERE minute < ? AND times > 0`, minute);
  return ended.flatMap(({ last, times }) =>
    last === null ? [] : [{ ...toolEntrySchema.parse(JSON.parse(last)), times }],
  );
}
