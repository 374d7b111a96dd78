/** Rows of a query, typed by their schema: what the database holds is checked like any other input. */
import * as z from "zod/mini";
import type { Sql } from "./migrate.ts";

export function rowsOf<S extends z.ZodMiniType>(
  sql: Sql,
  schema: S,
  query: string,
  ...bindings: readonly (string | number | null)[]
): z.infer<S>[] {
  return sql
    .exec(query, ...bindings)
    .toArray()
    .map((row) => z.parse(schema, row));
}
