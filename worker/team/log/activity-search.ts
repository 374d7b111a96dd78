/**
 * Searches the team's log a part at a time, so that other questions to the team's object get their turn in
 * between, and for one reader after the other: in a full log, a filter that matches nothing takes seconds.
 */
import { LateError } from "../../late-error.ts";
import type { Sql } from "../../storage/migrate.ts";
import {
  readActivity,
  type ActivityLine,
  type ActivityPage,
  type ActivityQuery,
} from "./activity.ts";

/** As long as a reader waits. */
const WANTED_FOR_MS = 20_000;

export interface SearchParts {
  readonly sql: Sql;
  readonly nowMs: () => number;
  /** Settles when whatever came meanwhile has had its turn. */
  readonly pause: () => Promise<void>;
  /** How many lines are searched at a time. */
  readonly maxPart?: number;
}

export class ActivitySearch {
  readonly #parts: SearchParts;
  #before: Promise<unknown> = Promise.resolve();

  constructor(parts: SearchParts) {
    this.#parts = parts;
  }

  find(query: ActivityQuery, page: ActivityPage, nowMs: number): Promise<ActivityLine[]> {
    const endsAtMs = this.#parts.nowMs() + WANTED_FOR_MS;
    const found = this.#before.then(() => this.#find(query, { page, nowMs, endsAtMs }));
    this.#before = found.catch(() => {});
    return found;
  }

  async #find(
    query: ActivityQuery,
    { page, nowMs, endsAtMs }: { page: ActivityPage; nowMs: number; endsAtMs: number },
  ): Promise<ActivityLine[]> {
    const { sql, pause, maxPart } = this.#parts;
    const found: ActivityLine[] = [];
    let { from } = page;
    while (true) {
      if (this.#parts.nowMs() > endsAtMs) throw new LateError();
      const rest = { ...page, from, limit: page.limit - found.length };
      const { lines, next } = readActivity(sql, query, { page: rest, nowMs, maxPart });
      found.push(...lines);
      if (next === undefined || found.length >= page.limit) return found;
      from = next;
      await pause();
    }
  }
}
