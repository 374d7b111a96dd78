import * as z from "zod/mini";
import {
  DEFAULT_WRITE_POLICY,
  writePolicySchema,
  type WritePolicy,
} from "../access/write-policy.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

const policyRow = z.object({ body: z.string() });

export function readWritePolicy(sql: Sql): WritePolicy {
  const [row] = rowsOf(sql, policyRow, "SELECT body FROM write_policy");
  return row === undefined ? DEFAULT_WRITE_POLICY : writePolicySchema.parse(JSON.parse(row.body));
}

export function storeWritePolicy(sql: Sql, policy: WritePolicy): void {
  sql.exec("INSERT OR REPLACE INTO write_policy VALUES (1, ?)", JSON.stringify(policy));
}
