/** An object as an earlier release would have left it. */
import { migrate } from "../../../worker/storage/migrate.ts";
import { evict, inObject, tablesIn, type Binding } from "./objects.ts";

/** Its tables after so many changes, with what stands in them now, and its memory lost. */
export async function takeBack(
  binding: Binding,
  id: string,
  migrations: readonly string[],
): Promise<void> {
  await inObject(binding, id, ({ storage }) => {
    const { sql } = storage;
    const rowsOf = (name: string) => sql.exec(`SELECT * FROM "${name}"`);
    const names = tablesIn(sql).filter((name) => name !== "sqlite_sequence");
    const kept = new Map(names.map((name) => [name, rowsOf(name).toArray()]));
    for (const name of kept.keys()) sql.exec(`DROP TABLE "${name}"`);
    migrate(storage, migrations);
    for (const name of tablesIn(sql).filter((table) => !OF_THEIR_OWN.has(table))) {
      const columns = rowsOf(name).columnNames;
      const marks = columns.map(() => "?").join(", ");
      for (const row of kept.get(name) ?? []) {
        const values = columns.map((column) => row[column]);
        sql.exec(`INSERT OR REPLACE INTO "${name}" VALUES (${marks})`, ...values);
      }
    }
  });
  await evict(binding, id);
}

const OF_THEIR_OWN: ReadonlySet<string> = new Set(["schema", "sqlite_sequence"]);
