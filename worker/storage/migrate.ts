/** Numbered changes to an object's tables. A change is never edited once it was released. */
import { newerState } from "./newer-state.ts";

export interface Sql {
  exec(query: string, ...bindings: unknown[]): { toArray(): Record<string, SqlStorageValue>[] };
}

export interface Transactional {
  readonly sql: Sql;
  transactionSync<T>(run: () => T): T;
}

/**
 * Applies missing changes, all or none; throws if a newer release applied more. Only `create` calls it, so that
 * merely naming an id makes no tables.
 */
export function migrate(storage: Transactional, migrations: readonly string[]): void {
  storage.transactionSync(() => {
    storage.sql.exec("CREATE TABLE IF NOT EXISTS schema (version INTEGER NOT NULL)");
    const done = schemaVersion(storage.sql);
    if (done > migrations.length) throw newerState(done, migrations.length);
    if (done === migrations.length) return;
    for (const statements of migrations.slice(done)) storage.sql.exec(statements);
    storage.sql.exec("DELETE FROM schema");
    storage.sql.exec("INSERT INTO schema VALUES (?)", migrations.length);
  });
}

/** For an object that wakes: one that an earlier release created gets the changes added since. */
export function migrateExisting(storage: Transactional, migrations: readonly string[]): void {
  if (isCreated(storage.sql)) migrate(storage, migrations);
}

/** True once `create` has run. */
export function isCreated(sql: Sql): boolean {
  return sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'schema'").toArray().length > 0;
}

function schemaVersion(sql: Sql): number {
  const [row] = sql.exec("SELECT version FROM schema").toArray();
  return typeof row?.["version"] === "number" ? row["version"] : 0;
}
