/**
 * The continuity ratchet (PROTOCOL.md D-16 to D-20): each accepted dial is given a value that the next
 * one shows. Two devices with one key each have a history of their own, and one of them shows what is
 * not of the last. Pure, but for the row.
 *
 * What this dial showed stays good beside what it is given: the welcome may not arrive, or the device may
 * end before it has stored the value. So a single device is never taken for two, however much it loses;
 * nor is one of a release that stores nothing, which shows nothing each time.
 */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** SHA-256 of a value, hex; null where the dial showed none. */
export type Shown = string | null;

export type Continuity =
  /** No dial was given one. */
  | { readonly name: "unbegun" }
  | { readonly name: "begun"; readonly given: string; readonly shown: Shown };

/** False for a second history. */
export function goesOn(continuity: Continuity, shown: Shown): boolean {
  if (continuity.name === "unbegun") return true;
  return shown === continuity.shown || shown === continuity.given;
}

/** After a dial that is accepted, a second history or not: whoever has the other one is next to be noticed. */
export function afterDial(shown: Shown, given: string): Continuity {
  return { name: "begun", given, shown };
}

/**
 * After a second history that was not let in. Once the team does let it, the device restored from a backup
 * can go on, as can whoever has the last value.
 */
export function afterRefusal(continuity: Continuity, shown: Shown): Continuity {
  return continuity.name === "unbegun" ? continuity : { ...continuity, shown };
}

const continuityRow = z.object({
  continuity_given: z.nullable(z.string()),
  continuity_shown: z.nullable(z.string()),
  dialed_from: z.nullable(z.string()),
});

/** With the network of the last accepted dial. */
export function readContinuity(sql: Sql): { continuity: Continuity; dialedFrom: string | null } {
  const [row] = rowsOf(
    sql,
    continuityRow,
    "SELECT continuity_given, continuity_shown, dialed_from FROM relay",
  );
  const { continuity_given: given = null, continuity_shown: shown = null } = row ?? {};
  return {
    continuity: given === null ? { name: "unbegun" } : { name: "begun", given, shown },
    dialedFrom: row?.dialed_from ?? null,
  };
}

export function writeContinuity(sql: Sql, continuity: Continuity): void {
  if (continuity.name === "unbegun") return;
  const { given, shown } = continuity;
  sql.exec("UPDATE relay SET continuity_given = ?, continuity_shown = ?", given, shown);
}

export function writeDialedFrom(sql: Sql, network: string): void {
  sql.exec("UPDATE relay SET dialed_from = ?", network);
}
