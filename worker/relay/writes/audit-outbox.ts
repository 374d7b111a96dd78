/**
 * Entries on their way to the team's log, kept until it has them. Those that wait are sent together. Entries that
 * arrived are deleted along with the next one's row, or when told to: a commit for that alone would cost as much
 * as the write's own, and the log recognizes an entry that comes again.
 */
import * as z from "zod/mini";
import { writeEntrySchema, type WriteEntry } from "../../access/audit-entry.ts";
import { Deadline } from "../../deadline.ts";
import { logEvent } from "../../log.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** Entries hold up to a KiB of the value each: some 200 KiB. */
const MAX_TOGETHER = 100;

/** A log that takes longer counts as unreachable: it recognizes what it took late. */
const TAKEN_WITHIN_MS = 5_000;

const outboxRow = z.object({ seq: z.number(), entry: z.string() });

export class AuditOutbox {
  readonly #sql: Sql;
  readonly #deliver: (entries: WriteEntry[]) => Promise<void>;
  readonly #takenWithinMs: number;
  #flushing: Promise<boolean> | undefined;
  /** The log has the entries up to here. */
  #deliveredSeq = 0;

  constructor(
    sql: Sql,
    deliver: (entries: WriteEntry[]) => Promise<void>,
    takenWithinMs = TAKEN_WITHIN_MS,
  ) {
    this.#sql = sql;
    this.#deliver = deliver;
    this.#takenWithinMs = takenWithinMs;
  }

  put(entry: WriteEntry): void {
    this.forgetDelivered();
    this.#sql.exec("INSERT INTO audit_outbox (entry) VALUES (?)", JSON.stringify(entry));
  }

  forgetDelivered(): void {
    if (this.#deliveredSeq === 0) return;
    this.#sql.exec("DELETE FROM audit_outbox WHERE seq <= ?", this.#deliveredSeq);
    this.#deliveredSeq = 0;
  }

  /** True if the log has everything that is still stored here. */
  get isEmpty(): boolean {
    return this.#waiting(1).length === 0;
  }

  /** In their order. False if the team's object could not be reached: try again later. */
  async flush(): Promise<boolean> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<boolean> {
    for (let waiting = this.#waiting(MAX_TOGETHER); ; waiting = this.#waiting(MAX_TOGETHER)) {
      const last = waiting.at(-1);
      if (last === undefined) return true;
      try {
        const entries = waiting.map(({ entry }) => writeEntrySchema.parse(JSON.parse(entry)));
        await new Deadline(this.#takenWithinMs).ask(() => this.#deliver(entries));
      } catch (error) {
        logEvent("warn", "outcomes_not_told", { reason: String(error) });
        return false;
      }
      this.#deliveredSeq = last.seq;
    }
  }

  #waiting(count: number): z.infer<typeof outboxRow>[] {
    const query = "SELECT * FROM audit_outbox WHERE seq > ? ORDER BY seq LIMIT ?";
    return rowsOf(this.#sql, outboxRow, query, this.#deliveredSeq, count);
  }
}
