/** What a changed member or token is called, for the line that says so: unlike a list of names, the log is a chain. */
import * as z from "zod/mini";
import type { ActionEntry } from "../../access/audit-entry.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const nameRow = z.object({ name: z.string(), email: z.nullable(z.string()) });

const NAMES = {
  member: "SELECT display_name AS name, email FROM member WHERE id = ?1",
  access_token: "SELECT label AS name, NULL AS email FROM access_token WHERE id = ?1",
} as const;

type Named = Pick<ActionEntry, "target_name" | "target_email">;

/** Nothing for an entry about something else, and for an id that nobody has. */
export function nameOfTarget(
  sql: Sql,
  { action, target }: Pick<ActionEntry, "action" | "target">,
): Named {
  const [kind] = action.split(".");
  if (target === undefined || (kind !== "member" && kind !== "access_token")) return {};
  const [row] = rowsOf(
    sql,
    nameRow,
    `${NAMES[kind]} UNION ALL SELECT name, email FROM former_principal WHERE id = ?1 LIMIT 1`,
    target,
  );
  if (row === undefined || row.name === "") return {};
  return { target_name: row.name, ...(row.email === null ? {} : { target_email: row.email }) };
}
