import { teamSettingsSchema, type TeamSettings } from "../../access/team-settings.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

export function readSettings(sql: Sql): TeamSettings {
  const [row] = rowsOf(sql, teamSettingsSchema, "SELECT retention_days, audit_reads FROM team");
  if (row === undefined) throw new Error("The team row is missing");
  return row;
}

export function storeSettings(sql: Sql, { retention_days, audit_reads }: TeamSettings): void {
  sql.exec("UPDATE team SET retention_days = ?, audit_reads = ?", retention_days, audit_reads);
}
