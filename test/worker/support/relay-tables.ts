/** A relay object's tables in an object that is none, to test what reads and writes them. */
import { RELAY_MIGRATIONS } from "../../../worker/relay/schema.ts";
import { migrate } from "../../../worker/storage/migrate.ts";
import { inObject, newObjectId } from "./objects.ts";

export function inRelayTables<R>(run: (sql: SqlStorage) => R | Promise<R>): Promise<R> {
  return inObject("TEAM", newObjectId("TEAM"), ({ storage }) => {
    migrate(storage, RELAY_MIGRATIONS);
    return run(storage.sql);
  });
}
