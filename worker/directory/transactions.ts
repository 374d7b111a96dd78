/** Sign-ins at an OpenID provider that are in progress. Rows of the directory object. */
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { NewTransaction, Transaction } from "./rpc.ts";

/** Anybody can begin one; beyond this the oldest are dropped. */
const MAX_TRANSACTIONS = 1_000;

const transactionRow = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  is_again: z.number(),
});

export function writeTransaction(sql: Sql, transaction: NewTransaction): void {
  sql.exec(
    "INSERT INTO openid_transaction VALUES (?, ?, ?, ?, ?, ?)",
    transaction.hash,
    transaction.state,
    transaction.nonce,
    transaction.verifier,
    transaction.expiresAtMs,
    Number(transaction.isAgain),
  );
  sql.exec(
    "DELETE FROM openid_transaction WHERE hash NOT IN (SELECT hash FROM openid_transaction ORDER BY expires_at DESC LIMIT ?)",
    MAX_TRANSACTIONS,
  );
}

export function takeTransaction(sql: Sql, hash: string, nowMs: number): Transaction | undefined {
  const [row] = rowsOf(
    sql,
    transactionRow,
    "SELECT state, nonce, verifier, is_again FROM openid_transaction WHERE hash = ? AND expires_at > ?",
    hash,
    nowMs,
  );
  sql.exec("DELETE FROM openid_transaction WHERE hash = ? OR expires_at <= ?", hash, nowMs);
  if (row === undefined) return undefined;
  const { is_again, ...rest } = row;
  return { ...rest, isAgain: is_again === 1 };
}
