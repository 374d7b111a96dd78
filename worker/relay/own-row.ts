/**
 * The relay's own row, read once, because each call needs it several times. Only the object writes it, and only
 * through here, so the copy in memory matches what is stored.
 */
import type { Sql } from "../storage/migrate.ts";
import {
  raiseGeneration,
  readRelayRow,
  writeOffline,
  writeStatus,
  type RelayRow,
} from "./relay-row.ts";
import type { Ended } from "./link/session.ts";
import type { RelayStatus } from "./status.ts";

export class OwnRow {
  readonly #sql: Sql;
  /** The absence of a row is never kept: `create` may come at any time. */
  #kept: RelayRow | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Undefined for an id under which no relay was created. */
  read(): RelayRow | undefined {
    this.#kept ??= readRelayRow(this.#sql);
    return this.#kept;
  }

  /** After all that is stored was deleted. */
  forget(): void {
    this.#kept = undefined;
  }

  raiseGeneration(): void {
    this.#kept = undefined;
    raiseGeneration(this.#sql);
  }

  writeOffline(ended: Ended): void {
    this.#kept = undefined;
    writeOffline(this.#sql, ended);
  }

  writeStatus(status: RelayStatus): void {
    this.#kept = undefined;
    writeStatus(this.#sql, status);
  }
}
