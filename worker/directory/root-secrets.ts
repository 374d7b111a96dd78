/** The installation's root secrets. Nothing lasting depends on them, so they are replaced automatically. */
import * as z from "zod/mini";
import { randomHex } from "../auth/secret.ts";
import type { Sql } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type { RootSecrets } from "./rpc.ts";

const SECRET_BYTES = 32;
/** The current one is replaced after this long, and verifies for as long again. */
const CURRENT_FOR_MS = 30 * 86_400_000;

const rootRow = z.object({ created_at: z.number(), secret: z.string() });

/** Made on first use: deploying requires no secret to be set. */
export function rootSecrets(sql: Sql, nowMs: number): RootSecrets {
  const read = () => rowsOf(sql, rootRow, "SELECT * FROM root_secret ORDER BY created_at DESC");
  const [newest] = read();
  if (newest === undefined || newest.created_at <= nowMs - CURRENT_FOR_MS) {
    sql.exec("INSERT INTO root_secret VALUES (?, ?)", nowMs, randomHex(SECRET_BYTES));
    sql.exec("DELETE FROM root_secret WHERE created_at <= ?", nowMs - 2 * CURRENT_FOR_MS);
  }
  const [current, previous] = read();
  if (current === undefined) throw new Error("The root secret is missing");
  return { current: current.secret, previous: previous?.secret ?? null };
}
