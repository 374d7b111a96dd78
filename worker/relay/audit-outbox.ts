/** Entries on their way to the team's log, kept until it has them. */
import * as z from "zod/mini";
import { writeEntrySchema, type WriteEntry } from "../access/audit-entry.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

const outboxRow = z.object({ seq: z.number(), entry: z.string() });

export class AuditOutbox {
  readonly #sql: Sql;
  readonly #deliver: (entry: WriteEntry) => Promise<void>;
  #flushing: Promise<boolean> | undefined;

  constructor(sql: Sql, deliver: (entry: WriteEntry) => Promise<void>) {
    this.#sql = sql;
    this.#deliver = deliver;
  }

  put(entry: WriteEntry): void {
    this.#sql.exec("INSERT INTO audit_outbox (entry) VALUES (?)", JSON.stringify(entry));
  }

  get isEmpty(): boolean {
    return this.#next() === undefined;
  }

  /** In their order. False if the team's object could not be reached: try again later. */
  async flush(): Promise<boolean> {
    this.#flushing ??= this.#flush().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  async #flush(): Promise<boolean> {
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      try {
        await this.#deliver(writeEntrySchema.parse(JSON.parse(next.entry)));
      } catch {
        return false;
      }
      this.#sql.exec("DELETE FROM audit_outbox WHERE seq = ?", next.seq);
    }
    return true;
  }

  #next(): z.infer<typeof outboxRow> | undefined {
    return rowsOf(this.#sql, outboxRow, "SELECT * FROM audit_outbox ORDER BY seq LIMIT 1")[0];
  }
}
