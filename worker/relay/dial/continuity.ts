/**
 * The continuity ratchet (PROTOCOL.md D-16 to D-20): each accepted dial is given a value that the next one shows.
 * Two devices with the same key have separate histories, so one of them shows a value that is not the last one's.
 * Pure, except for the row.
 *
 * The value that a dial showed stays valid beside the one it is given: the welcome may not arrive, or the device
 * may end before it has stored the new value. So a single device is never taken for two, however much it loses;
 * nor is one of a release that stores nothing, which shows no value each time.
 */
import * as z from "zod/mini";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** SHA-256 of a value, hex; null if the dial showed none. */
export type Shown = string | null;

export type Continuity =
  /** No dial has been given a value yet. */
  | { readonly name: "unbegun" }
  | { readonly name: "begun"; readonly given: string; readonly shown: Shown };

/** False for a second history. */
export function goesOn(continuity: Continuity, shown: Shown): boolean {
  if (continuity.name === "unbegun") return true;
  return shown === continuity.shown || shown === continuity.given;
}

/**
 * After an accepted dial, of the same history or a second one: the device with the other history is noticed next.
 */
export function afterDial(shown: Shown, given: string): Continuity {
  return { name: "begun", given, shown };
}

/**
 * After a second history that was refused. If the team lets it in later, the device restored from a backup can
 * continue, and so can the one with the last value.
 */
export function afterRefusal(continuity: Continuity, shown: Shown): Continuity {
  return continuity.name === "unbegun" ? continuity : { ...continuity, shown };
}

const continuityRow = z.object({
  continuity_given: z.nullable(z.string()),
  continuity_shown: z.nullable(z.string()),
  dialed_from: z.nullable(z.string()),
});

/** Also reads the network of the last accepted dial. */
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
