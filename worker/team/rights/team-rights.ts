/** Whose rights changed when, and which relay objects decide on them now. Rows of the team object. */
import * as z from "zod/mini";
import {
  CHANGE_NAMED_MS,
  isOutdated,
  LEASE_HELD_MS,
  type Holder,
  type RightsSnapshot,
} from "../../access/rights.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** Changes listed in a snapshot; beyond this the oldest go, and anybody admitted before them is asked again. */
const MAX_NAMED = 1_000;

const rightsRow = z.object({ version: z.number(), floor: z.number() });
const changeRow = z.object({ subject: z.string(), version: z.number() });
const holderRow = z.object({ relay: z.string(), ends_at: z.number() });
const goneRow = z.object({ version: z.number() });

export interface LeaseHolder {
  /** The relay object's id. */
  readonly relayId: string;
  readonly endsAtMs: number;
}

export type Changes = Omit<RightsSnapshot, "status">;

export class TeamRights {
  readonly #sql: Sql;
  /** Only this class writes it, and each call reads it. */
  #version: number | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get version(): number {
    this.#version ??= this.#read().version;
    return this.#version;
  }

  /** Principals and credentials whose rights have just changed. */
  noteChange(subjects: readonly string[], nowMs: number): void {
    const version = this.version + 1;
    this.#sql.exec("UPDATE rights SET version = ?", version);
    this.#version = version;
    for (const subject of subjects) {
      this.#sql.exec(
        "INSERT OR REPLACE INTO rights_change VALUES (?, ?, ?)",
        subject,
        version,
        nowMs,
      );
    }
    this.#forget(nowMs);
  }

  /** Invalidates everything that was said before. */
  noteChangeOfAll(): void {
    const version = this.version + 1;
    this.#sql.exec("UPDATE rights SET version = ?1, floor = ?1", version);
    this.#version = version;
  }

  changes(): Changes {
    const { version, floor } = this.#read();
    const rows = rowsOf(this.#sql, changeRow, "SELECT subject, version FROM rights_change");
    const changed = Object.fromEntries(rows.map((row) => [row.subject, row.version]));
    return { version, floor, changed };
  }

  isOutdated(holder: Holder): boolean {
    return this.version > holder.rightsVersion && isOutdated(this.changes(), holder);
  }

  noteLease(relayId: string, nowMs: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO lease VALUES (?, ?)", relayId, nowMs + LEASE_HELD_MS);
  }

  holders(nowMs: number): LeaseHolder[] {
    this.#sql.exec("DELETE FROM lease WHERE ends_at <= ?", nowMs);
    const rows = rowsOf(this.#sql, holderRow, "SELECT relay, ends_at FROM lease");
    return rows.map(({ relay, ends_at }) => ({ relayId: relay, endsAtMs: ends_at }));
  }

  #read(): z.infer<typeof rightsRow> {
    const [row] = rowsOf(this.#sql, rightsRow, "SELECT version, floor FROM rights");
    if (row === undefined) throw new Error("The rights row is missing");
    return row;
  }

  /** A change that is no longer listed raises the floor, so that nobody slips through. */
  #forget(nowMs: number): void {
    const gone = rowsOf(
      this.#sql,
      goneRow,
      "DELETE FROM rights_change WHERE at < ?1 OR version <= (SELECT version FROM rights_change ORDER BY version DESC LIMIT 1 OFFSET ?2) RETURNING version",
      nowMs - CHANGE_NAMED_MS,
      MAX_NAMED,
    );
    const floor = gone.reduce((highest, { version }) => Math.max(highest, version), 0);
    if (floor > 0) this.#sql.exec("UPDATE rights SET floor = max(floor, ?)", floor);
  }
}
