/** One per installation, under its one fixed name: what exists before any team does. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import { hashSecret, randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { migrate } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type {
  DirectoryRpc,
  Identity,
  NewAccount,
  NewAccountResult,
  NewTransaction,
  RootSecrets,
  SignInAttempt,
  TeamRef,
  Transaction,
  Tried,
} from "./rpc.ts";
import { DIRECTORY_MIGRATIONS } from "./schema.ts";
import { rootSecrets } from "./root-secrets.ts";
import { beginAttempt, forgiveAttempts, type AttemptHashes } from "./sign-in-attempts.ts";
import { takeTransaction, writeTransaction } from "./transactions.ts";

const DEFAULT_TEAM_NAME = "default";

const installationRow = z.object({ id: z.string() });
const accountRow = z.object({ id: z.string() });
const identityRow = z.object({ account: z.string() });
const probeRow = z.object({ at: z.number() });
const teamRow = z.object({ id: z.string(), name: z.string() });

export class DirectoryObject extends DurableObject<Env> implements DirectoryRpc {
  /** Random, made on first use: the `aud` of every dial, whatever the Worker's domain. */
  installation(): string {
    const sql = this.#tables();
    sql.exec("INSERT OR IGNORE INTO installation VALUES (1, ?)", randomHex(16));
    const [row] = rowsOf(sql, installationRow, "SELECT id FROM installation");
    if (row === undefined) throw new Error("The installation row is missing");
    return row.id;
  }

  /** The team of a caller that names none: most installations have only one. The first is made here. */
  async defaultTeam(): Promise<TeamRef> {
    return this.ctx.blockConcurrencyWhile(async () => {
      const installation = this.installation();
      const [existing] = rowsOf(
        this.ctx.storage.sql,
        teamRow,
        "SELECT id, name FROM team ORDER BY rowid LIMIT 1",
      );
      return existing ?? this.#createTeam(DEFAULT_TEAM_NAME, installation);
    });
  }

  async createTeam(name: string): Promise<TeamRef> {
    return this.#createTeam(name, this.installation());
  }

  teams(): TeamRef[] {
    return rowsOf(this.#tables(), teamRow, "SELECT id, name FROM team ORDER BY rowid");
  }

  removeTeam(id: string): void {
    this.#tables().exec("DELETE FROM team WHERE id = ?", id);
  }

  /** One at a time: an address, and an identity, has at most one account. */
  async createAccount({ identity, nowMs, ...account }: NewAccount): Promise<NewAccountResult> {
    return this.ctx.blockConcurrencyWhile(async (): Promise<NewAccountResult> => {
      const sql = this.#tables();
      const isTaken =
        this.accountOfEmail(account.email) !== null ||
        (identity !== null && this.accountOfIdentity(identity) !== null);
      if (isTaken) return { ok: false, reason: "taken" };
      const id = this.env.ACCOUNT.newUniqueId();
      const accountId = id.toString();
      await this.env.ACCOUNT.get(id).create({ ...account, createdAtMs: nowMs });
      this.ctx.storage.transactionSync(() => {
        sql.exec("INSERT INTO account VALUES (?, ?)", account.email, accountId);
        if (identity === null) return;
        const { issuer, subject } = identity;
        sql.exec("INSERT INTO identity VALUES (?, ?, ?)", issuer, subject, accountId);
      });
      return { ok: true, accountId };
    });
  }

  async dropAccount(accountId: string): Promise<void> {
    const sql = this.#tables();
    this.ctx.storage.transactionSync(() => {
      sql.exec("DELETE FROM account WHERE id = ?", accountId);
      sql.exec("DELETE FROM identity WHERE account = ?", accountId);
    });
    await this.env.ACCOUNT.get(this.env.ACCOUNT.idFromString(accountId)).destroy();
  }

  accountOfIdentity({ issuer, subject }: Identity): string | null {
    const [row] = rowsOf(
      this.#tables(),
      identityRow,
      "SELECT account FROM identity WHERE issuer = ? AND subject = ?",
      issuer,
      subject,
    );
    return row?.account ?? null;
  }

  accountOfEmail(email: string): string | null {
    const sql = this.#tables();
    const [row] = rowsOf(sql, accountRow, "SELECT id FROM account WHERE email = ?", email);
    return row?.id ?? null;
  }

  /** Counted before the password is checked, so that parallel guesses are counted too. */
  async beginAttempt(tried: Tried, nowMs: number): Promise<SignInAttempt> {
    const decoy = this.#decoy();
    const hashes = await hashesOf(tried);
    const retryAfterMs = beginAttempt(this.#tables(), hashes, nowMs);
    if (retryAfterMs > 0) return { ok: false, retryAfterMs };
    return { ok: true, accountId: this.accountOfEmail(tried.email) ?? decoy };
  }

  async endAttempt(tried: Tried): Promise<void> {
    forgiveAttempts(this.#tables(), await hashesOf(tried));
  }

  beginTransaction(transaction: NewTransaction): void {
    writeTransaction(this.#tables(), transaction);
  }

  takeTransaction(hash: string, nowMs: number): Transaction | null {
    return takeTransaction(this.#tables(), hash, nowMs) ?? null;
  }

  rootSecrets(nowMs: number): RootSecrets {
    return rootSecrets(this.#tables(), nowMs);
  }

  probeStorage(nowMs: number): boolean {
    const sql = this.#tables();
    sql.exec("INSERT OR REPLACE INTO probe VALUES (1, ?)", nowMs);
    return rowsOf(sql, probeRow, "SELECT at FROM probe")[0]?.at === nowMs;
  }

  /** Never created, so it answers like an account without a password, in the same time. */
  #decoy(): string {
    const sql = this.#tables();
    sql.exec(
      "INSERT OR IGNORE INTO decoy VALUES (1, ?)",
      this.env.ACCOUNT.newUniqueId().toString(),
    );
    const [row] = rowsOf(sql, identityRow, "SELECT account FROM decoy");
    if (row === undefined) throw new Error("The decoy row is missing");
    return row.account;
  }

  /** Made by the first question, whoever asks it: there is one directory, and its name is fixed. */
  #tables(): SqlStorage {
    migrate(this.ctx.storage, DIRECTORY_MIGRATIONS);
    return this.ctx.storage.sql;
  }

  async #createTeam(name: string, installation: string): Promise<TeamRef> {
    const id = this.env.TEAM.newUniqueId();
    await this.env.TEAM.get(id).create({ name, installation, createdAtMs: Date.now() });
    this.ctx.storage.sql.exec("INSERT INTO team VALUES (?, ?, ?)", id.toString(), name, Date.now());
    return { id: id.toString(), name };
  }
}

async function hashesOf({ email, network }: Tried): Promise<AttemptHashes> {
  return {
    email: await hashSecret(email),
    emailAndNetwork: await hashSecret(`${email} ${network}`),
  };
}
