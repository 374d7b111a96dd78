import * as z from "zod/mini";
import {
  DEFAULT_WRITE_POLICY,
  writePolicySchema,
  type WritePolicy,
} from "../../access/write-policy.ts";
import { sha256 } from "../../auth/sha256.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

const policyRow = z.object({ body: z.string() });

export function readWritePolicy(sql: Sql): WritePolicy {
  const [row] = rowsOf(sql, policyRow, "SELECT body FROM write_policy");
  return row === undefined ? DEFAULT_WRITE_POLICY : writePolicySchema.parse(JSON.parse(row.body));
}

/** A hash of the content, whenever it was stored. */
export function versionOf(policy: WritePolicy): string {
  return sha256(JSON.stringify(policy));
}

export function storeWritePolicy(sql: Sql, policy: WritePolicy): void {
  sql.exec("INSERT OR REPLACE INTO write_policy VALUES (1, ?)", JSON.stringify(policy));
}
