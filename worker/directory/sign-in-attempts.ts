/**
 * How often passwords may be tried for one e-mail address. From one network: five failures, and one more every
 * three minutes, so that nobody elsewhere can lock a person out. From all together: a hundred, and a hundred an
 * hour more, so that many networks can't guess without end. Pure, except for its rows.
 */
import * as z from "zod/mini";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";

interface Limit {
  readonly maxFailures: number;
  readonly forgivenAfterMs: number;
}

export const FROM_ONE_NETWORK: Limit = { maxFailures: 5, forgivenAfterMs: 3 * 60_000 };
export const FROM_ALL: Limit = { maxFailures: 100, forgivenAfterMs: 36_000 };

/** After this long all failures are forgiven. */
const LONGEST_MS = 3_600_000;
/** Invented addresses take two rows each; the oldest rows go. */
const MAX_ROWS = 20_000;

/** SHA-256 of the e-mail address, and of the address together with the network of the attempt. */
export interface AttemptHashes {
  readonly email: string;
  readonly emailAndNetwork: string;
}

const attemptRow = z.object({ failures: z.number(), at: z.number() });

/** Counts the attempt as failed. Above 0: it is refused, and this is how long to wait, in milliseconds. */
export function beginAttempt(
  sql: Sql,
  { email, emailAndNetwork }: AttemptHashes,
  nowMs: number,
): number {
  const here = failuresOf(sql, emailAndNetwork, { limit: FROM_ONE_NETWORK, nowMs });
  const all = failuresOf(sql, email, { limit: FROM_ALL, nowMs });
  const waitMs = Math.max(waitOf(here, FROM_ONE_NETWORK), waitOf(all, FROM_ALL));
  if (waitMs > 0) return waitMs;
  writeFailures(sql, emailAndNetwork, { failures: here + 1, nowMs });
  writeFailures(sql, email, { failures: all + 1, nowMs });
  sql.exec("DELETE FROM sign_in_attempt WHERE at < ?", nowMs - LONGEST_MS);
  sql.exec(
    "DELETE FROM sign_in_attempt WHERE at < (SELECT at FROM sign_in_attempt ORDER BY at DESC LIMIT 1 OFFSET ?)",
    MAX_ROWS,
  );
  return 0;
}

/** The attempt succeeded. Failures from elsewhere may have been somebody else's, and stay. */
export function forgiveAttempts(sql: Sql, { email, emailAndNetwork }: AttemptHashes): void {
  sql.exec("DELETE FROM sign_in_attempt WHERE email_hash = ?", emailAndNetwork);
  sql.exec(
    "UPDATE sign_in_attempt SET failures = max(0, failures - 1) WHERE email_hash = ?",
    email,
  );
}

function failuresOf(
  sql: Sql,
  hash: string,
  { limit, nowMs }: { limit: Limit; nowMs: number },
): number {
  const [row] = rowsOf(
    sql,
    attemptRow,
    "SELECT failures, at FROM sign_in_attempt WHERE email_hash = ?",
    hash,
  );
  if (row === undefined) return 0;
  const forgiven = Math.max(0, nowMs - row.at) / limit.forgivenAfterMs;
  return Math.max(0, row.failures - forgiven);
}

function waitOf(failures: number, { maxFailures, forgivenAfterMs }: Limit): number {
  return Math.max(0, Math.ceil((failures - maxFailures + 1) * forgivenAfterMs));
}

function writeFailures(
  sql: Sql,
  hash: string,
  { failures, nowMs }: { failures: number; nowMs: number },
): void {
  sql.exec("INSERT OR REPLACE INTO sign_in_attempt VALUES (?, ?, ?)", hash, failures, nowMs);
}
