/**
 * What a changed member, token, invitation or client is called, for the line that says so: unlike a list of names, the
 * log is a chain.
 */
import * as z from "zod/mini";
import type { ActionEntry } from "../../access/audit-entry.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const nameRow = z.object({ name: z.string(), email: z.nullable(z.string()) });

const NAMES = {
  member: "SELECT display_name AS name, email FROM member WHERE id = ?1",
  access_token: "SELECT label AS name, NULL AS email FROM access_token WHERE id = ?1",
  join_token: "SELECT name_pattern AS name, NULL AS email FROM join_token WHERE id = ?1",
  invitation:
    "SELECT COALESCE(email, role || ', by link') AS name, email FROM invitation WHERE id = ?1",
  // A grant need not have a client's name: `team-grants.ts` takes one without.
  client: `SELECT COALESCE(json_extract(value, '$.metadata.clientName'), 'a client') || ' of ' || display_name AS name, email
    FROM oauth_entry JOIN member ON instr(key, '.' || account || ':')
    WHERE key >= 'grant:' AND key < 'grant;' AND substr(key, -17) = ':' || ?1`,
} as const;

/** For one that is gone: members and tokens are remembered, and of the others the line from before the change tells. */
const FORMER = `SELECT name, email FROM former_principal WHERE id = ?1 UNION ALL
  SELECT json_extract(entry, '$.target_name') AS name, json_extract(entry, '$.target_email') AS email
    FROM audit WHERE call = ?2 AND target = ?1 AND json_extract(entry, '$.target_name') IS NOT NULL`;

type Named = Pick<ActionEntry, "target_name" | "target_email">;

/** Nothing for an entry about something else, and for an id that nobody has. */
export function nameOfTarget(
  sql: Sql,
  { action, target, call_id = "" }: Pick<ActionEntry, "action" | "target"> & { call_id?: string },
): Named {
  const [kind = ""] = action.split(".");
  if (target === undefined || !isNamed(kind)) return {};
  const [row] = rowsOf(sql, nameRow, `${NAMES[kind]} UNION ALL ${FORMER} LIMIT 1`, target, call_id);
  if (row === undefined || row.name === "") return {};
  return { target_name: row.name, ...(row.email === null ? {} : { target_email: row.email }) };
}

function isNamed(kind: string): kind is keyof typeof NAMES {
  return Object.hasOwn(NAMES, kind);
}
