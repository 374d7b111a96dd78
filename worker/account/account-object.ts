/** One per person, under an unforgeable id: how they sign in, and where they are signed in. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import type { Env } from "../env.ts";
import { isCreated, migrate, migrateExisting } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import { deletePasswordLink, hasPasswordLink, writePasswordLink } from "./password-link.ts";
import type {
  AccountCreation,
  AccountPerson,
  AccountRpc,
  AccountSession,
  NewPasswordLink,
  NewSession,
  PasswordChange,
  PasswordLinkUse,
} from "./rpc.ts";
import { ACCOUNT_MIGRATIONS } from "./schema.ts";

const HOUR_MS = 3_600_000;

/** A session ends this long after its last request, and this long after its sign-in at the latest. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;
export const SESSION_LIFETIME_MS = 7 * 24 * HOUR_MS;

/** The last use is written this often at most, since a page makes several requests. */
const USE_NOTED_EVERY_MS = 5 * 60_000;

/** Beyond this the oldest session ends: a person has a few browsers, a script that signs in again and again has many. */
const MAX_SESSIONS = 20;
const MAX_TEAMS = 50;

const accountRow = z.object({
  email: z.string(),
  display_name: z.string(),
  password: z.nullable(z.string()),
});
const sessionRow = z.object({ proven_at: z.nullable(z.number()), used_at: z.number() });
const membershipRow = z.object({ team: z.string() });

export class AccountObject extends DurableObject<Env> implements AccountRpc {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, ACCOUNT_MIGRATIONS);
  }

  create({ email, displayName, password, createdAtMs }: AccountCreation): void {
    migrate(this.ctx.storage, ACCOUNT_MIGRATIONS);
    this.ctx.storage.sql.exec(
      "INSERT OR IGNORE INTO account VALUES (1, ?, ?, ?, ?)",
      email,
      displayName,
      password,
      createdAtMs,
    );
  }

  async destroy(): Promise<void> {
    await this.ctx.storage.deleteAll();
  }

  password(): string | null {
    return this.#row()?.password ?? null;
  }

  rehashPassword({ was, is }: PasswordChange): void {
    if (this.password() === was) this.#sql.exec("UPDATE account SET password = ?", is);
  }

  changePassword({ was, is }: PasswordChange): boolean {
    if (this.password() !== was) return false;
    this.#startAnew(is);
    return true;
  }

  person(): AccountPerson | null {
    const account = this.#row();
    if (account === undefined) return null;
    const { email, display_name: displayName, password } = account;
    return { email, displayName, hasPassword: password !== null, teams: this.#teams() };
  }

  writePasswordLink(link: NewPasswordLink): void {
    if (isCreated(this.#sql)) writePasswordLink(this.#sql, link);
  }

  hasPasswordLink(hash: string, nowMs: number): boolean {
    return isCreated(this.#sql) && hasPasswordLink(this.#sql, hash, nowMs);
  }

  usePasswordLink({ hash, password, nowMs }: PasswordLinkUse): boolean {
    if (!this.hasPasswordLink(hash, nowMs)) return false;
    this.#startAnew(password);
    return true;
  }

  openSession({ hash, nowMs, provenAtMs, password }: NewSession): void {
    const sql = this.#sql;
    if (!isCreated(sql) || (password !== undefined && password !== this.password())) return;
    sql.exec("DELETE FROM session WHERE signed_in_at <= ?", nowMs - SESSION_LIFETIME_MS);
    sql.exec("INSERT INTO session VALUES (?, ?, ?, ?)", hash, nowMs, nowMs, provenAtMs);
    sql.exec(
      "DELETE FROM session WHERE hash NOT IN (SELECT hash FROM session ORDER BY signed_in_at DESC, rowid DESC LIMIT ?)",
      MAX_SESSIONS,
    );
  }

  session(hash: string, nowMs: number): AccountSession | null {
    const sql = this.#sql;
    const account = this.#row();
    if (account === undefined) return null;
    const [session] = rowsOf(
      sql,
      sessionRow,
      "SELECT proven_at, used_at FROM session WHERE hash = ? AND signed_in_at > ? AND used_at > ?",
      hash,
      nowMs - SESSION_LIFETIME_MS,
      nowMs - SESSION_IDLE_MS,
    );
    if (session === undefined) return null;
    if (nowMs - session.used_at > USE_NOTED_EVERY_MS) {
      sql.exec("UPDATE session SET used_at = ? WHERE hash = ?", nowMs, hash);
    }
    return {
      email: account.email,
      displayName: account.display_name,
      provenAtMs: session.proven_at,
      teams: this.#teams(),
    };
  }

  renewSession(hash: string, newHash: string): void {
    const sql = this.#sql;
    if (isCreated(sql)) sql.exec("UPDATE session SET hash = ? WHERE hash = ?", newHash, hash);
  }

  endSession(hash: string): void {
    if (isCreated(this.#sql)) this.#sql.exec("DELETE FROM session WHERE hash = ?", hash);
  }

  endOtherSessions(hash: string): void {
    if (isCreated(this.#sql)) this.#sql.exec("DELETE FROM session WHERE hash <> ?", hash);
  }

  endSessions(): void {
    if (isCreated(this.#sql)) this.#sql.exec("DELETE FROM session");
  }

  join(team: string, nowMs: number): boolean {
    if (!isCreated(this.#sql)) return false;
    const teams = this.#teams();
    if (teams.includes(team)) return true;
    if (teams.length >= MAX_TEAMS) return false;
    this.#sql.exec("INSERT INTO membership VALUES (?, ?)", team, nowMs);
    return true;
  }

  leave(team: string): void {
    if (isCreated(this.#sql)) this.#sql.exec("DELETE FROM membership WHERE team = ?", team);
  }

  /** Everything that the previous password let in, or was about to, ends with it. */
  #startAnew(password: string): void {
    this.ctx.storage.transactionSync(() => {
      this.#sql.exec("UPDATE account SET password = ?", password);
      deletePasswordLink(this.#sql);
      this.endSessions();
    });
  }

  #teams(): string[] {
    const rows = rowsOf(this.#sql, membershipRow, "SELECT team FROM membership ORDER BY rowid");
    return rows.map(({ team }) => team);
  }

  #row(): z.infer<typeof accountRow> | undefined {
    if (!isCreated(this.#sql)) return undefined;
    return rowsOf(this.#sql, accountRow, "SELECT email, display_name, password FROM account")[0];
  }

  get #sql(): SqlStorage {
    return this.ctx.storage.sql;
  }
}
