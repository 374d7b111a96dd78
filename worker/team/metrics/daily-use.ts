/**
 * How much a team's clients ask in a day (UTC), and how many bytes they are answered with, if that is limited.
 * Counted when it is logged, so that no call waits for it: calls in progress when the day is used up, a second or
 * two of them, exceed the limit.
 */
import * as z from "zod/mini";
import type { ToolEntry } from "../../access/audit-entry.ts";
import type { DayLimit, DayUse } from "../../access/rights.ts";
import type { Env } from "../../env.ts";
import { numberSetting } from "../../number-setting.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { isRefusal } from "../log/refusal-fold.ts";

const DAY_MS = 86_400_000;
const KIND = "day";
/** For a limit in bytes; all numbers of this length are exact. */
const MAX_DIGITS = 15;

const bodyRow = z.object({ body: z.string() });
/** Rows of an earlier release have no bytes. */
const daySchema = z.object({
  day: z.number(),
  calls: z.number(),
  bytes: z._default(z.number(), 0),
});
type Day = z.infer<typeof daySchema>;

export interface UsedUp {
  readonly usedUp: DayLimit;
  /** Unix milliseconds. */
  readonly usedUpUntilMs: number;
}

/** Refused calls use nothing. */
export function useOf(entries: readonly ToolEntry[]): DayUse {
  const counted = entries.filter(({ outcome }) => !isRefusal(outcome));
  return {
    calls: counted.length,
    bytes: counted.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  };
}

export class DailyUse {
  readonly #sql: Sql;
  readonly #max: DayUse;
  #newest: Day | undefined;

  /** 0 is no limit; if there is none, nothing is stored. */
  constructor(sql: Sql, max: DayUse) {
    this.#sql = sql;
    this.#max = max;
  }

  /** True if this uses up the rest of the day. */
  note({ calls, bytes }: DayUse, nowMs: number): boolean {
    if (!this.#isBounded || (calls === 0 && bytes === 0)) return false;
    const before = this.#at(nowMs);
    const newest = { ...before, calls: before.calls + calls, bytes: before.bytes + bytes };
    const put = "INSERT OR REPLACE INTO counts VALUES (?, ?)";
    this.#sql.exec(put, KIND, JSON.stringify(newest));
    // Read again from storage, because a transaction may be rolled back.
    this.#newest = undefined;
    return this.#limitMet(before) === undefined && this.#limitMet(newest) !== undefined;
  }

  /** Undefined if some is left. */
  usedUp(nowMs: number): UsedUp | undefined {
    if (!this.#isBounded) return undefined;
    const day = this.#at(nowMs);
    const usedUp = this.#limitMet(day);
    return usedUp === undefined ? undefined : { usedUp, usedUpUntilMs: (day.day + 1) * DAY_MS };
  }

  /** Undefined if nothing is counted. */
  read(nowMs: number): DayUse | undefined {
    if (!this.#isBounded) return undefined;
    const { calls, bytes } = this.#at(nowMs);
    return { calls, bytes };
  }

  get #isBounded(): boolean {
    return this.#max.calls > 0 || this.#max.bytes > 0;
  }

  #limitMet({ calls, bytes }: DayUse): DayLimit | undefined {
    if (this.#max.calls > 0 && calls >= this.#max.calls) return "calls";
    return this.#max.bytes > 0 && bytes >= this.#max.bytes ? "bytes" : undefined;
  }

  #at(nowMs: number): Day {
    const day = Math.floor(nowMs / DAY_MS);
    const newest = (this.#newest ??= this.#read());
    return newest?.day === day ? newest : { day, calls: 0, bytes: 0 };
  }

  #read(): Day | undefined {
    const [row] = rowsOf(this.#sql, bodyRow, "SELECT body FROM counts WHERE kind = ?", KIND);
    return row === undefined ? undefined : daySchema.parse(JSON.parse(row.body));
  }
}

export function dailyUseOf(
  sql: Sql,
  env: Pick<Env, "TEAM_CALLS_PER_DAY" | "TEAM_BYTES_PER_DAY">,
): DailyUse {
  const calls = numberSetting(env.TEAM_CALLS_PER_DAY, 0);
  return new DailyUse(sql, { calls, bytes: bytesPerDay(env) });
}

/** 0 is no limit, and then nothing is measured. */
export function bytesPerDay({ TEAM_BYTES_PER_DAY }: Pick<Env, "TEAM_BYTES_PER_DAY">): number {
  return numberSetting(TEAM_BYTES_PER_DAY, 0, MAX_DIGITS);
}
