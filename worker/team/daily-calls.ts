/**
 * How many calls the clients of a team make in a day (UTC), where that is bounded. Counted as they come for the log, so
 * that no call waits for it: what is under way when the day is used up, a second or two of calls, is beyond it.
 */
import * as z from "zod/mini";
import type { ToolEntry } from "../access/audit-entry.ts";
import type { Env } from "../env.ts";
import { numberSetting } from "../number-setting.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import { isRefusal } from "./refusal-fold.ts";

const DAY_MS = 86_400_000;
const KIND = "day";

const bodyRow = z.object({ body: z.string() });
const daySchema = z.object({ day: z.number(), calls: z.number() });
type Day = z.infer<typeof daySchema>;

export class DailyCalls {
  readonly #sql: Sql;
  readonly #max: number;
  #newest: Day | undefined;

  /** 0 is no limit, and then nothing is stored. */
  constructor(sql: Sql, max: number) {
    this.#sql = sql;
    this.#max = max;
  }

  /** Who was turned away has used nothing. True where these use up what was left of the day. */
  note(entries: readonly ToolEntry[], nowMs: number): boolean {
    const more = entries.filter(({ outcome }) => !isRefusal(outcome)).length;
    if (this.#max === 0 || more === 0) return false;
    const { day, calls } = this.#at(nowMs);
    const newest = { day, calls: calls + more };
    const put = "INSERT OR REPLACE INTO counts VALUES (?, ?)";
    this.#sql.exec(put, KIND, JSON.stringify(newest));
    this.#newest = newest;
    return calls < this.#max && calls + more >= this.#max;
  }

  /** Unix milliseconds; undefined where there are some left. */
  usedUpUntilMs(nowMs: number): number | undefined {
    if (this.#max === 0) return undefined;
    const { day, calls } = this.#at(nowMs);
    return calls < this.#max ? undefined : (day + 1) * DAY_MS;
  }

  #at(nowMs: number): Day {
    const day = Math.floor(nowMs / DAY_MS);
    const newest = (this.#newest ??= this.#read());
    return newest?.day === day ? newest : { day, calls: 0 };
  }

  #read(): Day | undefined {
    const [row] = rowsOf(this.#sql, bodyRow, "SELECT body FROM counts WHERE kind = ?", KIND);
    return row === undefined ? undefined : daySchema.parse(JSON.parse(row.body));
  }
}

export function dailyCallsOf(
  sql: Sql,
  { TEAM_CALLS_PER_DAY }: Pick<Env, "TEAM_CALLS_PER_DAY">,
): DailyCalls {
  return new DailyCalls(sql, numberSetting(TEAM_CALLS_PER_DAY, 0));
}
