/**
 * The relay's last inventory, parsed once: every question to a whole team reads it. Nobody but the object writes it,
 * and only through here, so what is kept is what is stored.
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
