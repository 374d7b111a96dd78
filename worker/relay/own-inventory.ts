/**
 * The relay's last inventory, parsed once, because every question to a whole team reads it. Only the object writes
 * it, and only through here, so the copy in memory matches what is stored.
 */
import type { Inventory } from "#shared/link/inventory.ts";
import type { Sql } from "../storage/migrate.ts";
import { readInventory, writeInventory } from "./relay-row.ts";

export class OwnInventory {
  readonly #sql: Sql;
  #kept: Inventory | undefined;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Undefined before the first one. */
  read(): Inventory | undefined {
    this.#kept ??= readInventory(this.#sql);
    return this.#kept;
  }

  write(inventory: Inventory): void {
    writeInventory(this.#sql, inventory);
    this.#kept = inventory;
  }
}
