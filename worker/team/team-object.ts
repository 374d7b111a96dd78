/** One per team: the relays and tokens that belong to it. Its id is unforgeable, hence so is membership. */
import { DurableObject } from "cloudflare:workers";
import * as z from "zod/mini";
import { firstFreeName } from "#shared/instance-id.ts";
import { matchesGlob } from "#shared/glob.ts";
import type { PublicKey } from "#shared/link/dial-token.ts";
import { scopeSchema, type Scope } from "#shared/scope.ts";
import { createSecret, hashSecret, randomHex } from "../auth/secret.ts";
import type { Env } from "../env.ts";
import { isCreated, migrate, migrateExisting } from "../storage/migrate.ts";
import { rowsOf } from "../storage/rows.ts";
import type {
  AccessTokenOptions,
  CreatedToken,
  Credential,
  Enrollment,
  EnrollmentResult,
  JoinTokenOptions,
  RelayRef,
  TeamCreation,
  TeamRpc,
} from "./rpc.ts";
import { TEAM_MIGRATIONS } from "./schema.ts";
import { safeParse } from "#shared/safe-parse.ts";

const relayRow = z.object({ name: z.string(), object_id: z.string(), public_key: z.string() });
const teamRow = z.object({ name: z.string(), installation: z.string() });
const accessTokenRow = z.object({
  id: z.string(),
  scopes: z.string(),
  last_used_day: z.nullable(z.number()),
});
const joinTokenRow = z.object({
  name_pattern: z.string(),
  used_at: z.nullable(z.number()),
  used_key: z.nullable(z.string()),
  relay: z.nullable(z.string()),
});
type JoinTokenRow = z.infer<typeof joinTokenRow>;

const DAY_MS = 86_400_000;

/** A lost answer to `enroll` may be asked for again, with the same key, for so long. */
const JOIN_TOKEN_REPEAT_MS = 10 * 60_000;

export class TeamObject extends DurableObject<Env> implements TeamRpc {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, TEAM_MIGRATIONS);
  }

  create(team: TeamCreation): void {
    migrate(this.ctx.storage, TEAM_MIGRATIONS);
    this.ctx.storage.sql.exec(
      "INSERT OR IGNORE INTO team VALUES (1, ?, ?, ?)",
      team.name,
      team.installation,
      team.createdAtMs,
    );
  }

  async createJoinToken(options: JoinTokenOptions): Promise<CreatedToken | null> {
    if (!isCreated(this.ctx.storage.sql)) return null;
    const token = createSecret("join", this.ctx.id.toString());
    const id = randomHex(8);
    const expiresAtMs = options.nowMs + options.lifetimeMs;
    this.ctx.storage.sql.exec(
      "INSERT INTO join_token VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)",
      await hashSecret(token),
      id,
      options.namePattern,
      options.nowMs,
      expiresAtMs,
    );
    return { id, token, expiresAtMs };
  }

  async createAccessToken(options: AccessTokenOptions): Promise<CreatedToken | null> {
    if (!isCreated(this.ctx.storage.sql)) return null;
    const token = createSecret("pat", this.ctx.id.toString());
    const id = randomHex(8);
    const expiresAtMs = options.nowMs + options.lifetimeMs;
    this.ctx.storage.sql.exec(
      "INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?, NULL)",
      await hashSecret(token),
      id,
      options.label,
      options.scopes.join(" "),
      options.nowMs,
      expiresAtMs,
    );
    return { id, token, expiresAtMs };
  }

  /** What the token with this hash allows; null if it opens nothing. */
  authorize(tokenHash: string, nowMs: number): Credential | null {
    const { sql } = this.ctx.storage;
    if (!isCreated(sql)) return null;
    const [row] = rowsOf(
      sql,
      accessTokenRow,
      "SELECT id, scopes, last_used_day FROM access_token WHERE hash = ? AND expires_at > ?",
      tokenHash,
      nowMs,
    );
    if (row === undefined) return null;
    const day = Math.floor(nowMs / DAY_MS);
    if (row.last_used_day !== day) {
      sql.exec("UPDATE access_token SET last_used_day = ? WHERE hash = ?", day, tokenHash);
    }
    return { id: row.id, scopes: parseScopes(row.scopes) };
  }

  relays(): RelayRef[] {
    const { sql } = this.ctx.storage;
    if (!isCreated(sql)) return [];
    return rowsOf(sql, relayRow, "SELECT * FROM relay ORDER BY name").map(
      ({ name, object_id }) => ({ name, objectId: object_id }),
    );
  }

  /** Null alike for a name nobody has and for one of another team: names resolve in one's own. */
  relay(name: string): string | null {
    if (!isCreated(this.ctx.storage.sql)) return null;
    return this.#relayRow(name)?.object_id ?? null;
  }

  /**
   * Spends the join token and makes the relay. The row comes first: should making the object fail,
   * the same token and key finish it.
   */
  async enroll(enrollment: Enrollment): Promise<EnrollmentResult> {
    const { storage, id } = this.ctx;
    if (!isCreated(storage.sql)) return { ok: false, reason: "token" };
    const admitted = storage.transactionSync(() => this.#admit(enrollment));
    if (!admitted.ok) return admitted;
    const { name: teamName, installation } = this.#team();
    await this.env.RELAY.get(this.env.RELAY.idFromString(admitted.relayId)).create({
      team: id.toString(),
      name: admitted.relay,
      publicKey: enrollment.publicKey,
      installation,
      createdAtMs: enrollment.nowMs,
    });
    return { ...admitted, installation, teamName };
  }

  #admit({
    tokenHash,
    name,
    publicKey,
    nowMs,
  }: Enrollment):
    | { readonly ok: true; readonly relay: string; readonly relayId: string }
    | Extract<EnrollmentResult, { ok: false }> {
    const { sql } = this.ctx.storage;
    const [token] = rowsOf(
      sql,
      joinTokenRow,
      "SELECT * FROM join_token WHERE hash = ? AND expires_at > ?",
      tokenHash,
      nowMs,
    );
    if (token === undefined) return { ok: false, reason: "token" };
    if (token.used_at !== null) return this.#repeat(token, publicKey, nowMs);

    const { name_pattern: pattern } = token;
    if (!matchesGlob(pattern, name)) return { ok: false, reason: "name_not_allowed", pattern };
    const taken = this.#relayRow(name);
    if (taken !== undefined && taken.public_key !== publicKey.x) {
      return { ok: false, reason: "name_taken", freeName: this.#freeName(name) };
    }
    const relayId = taken?.object_id ?? this.env.RELAY.newUniqueId().toString();
    sql.exec("INSERT OR IGNORE INTO relay VALUES (?, ?, ?, ?)", name, relayId, publicKey.x, nowMs);
    sql.exec(
      "UPDATE join_token SET used_at = ?, used_key = ?, relay = ? WHERE hash = ?",
      nowMs,
      publicKey.x,
      name,
      tokenHash,
    );
    return { ok: true, relay: name, relayId };
  }

  #repeat(
    { used_at, used_key, relay }: JoinTokenRow,
    publicKey: PublicKey,
    nowMs: number,
  ): { readonly ok: true; relay: string; relayId: string } | { ok: false; reason: "token" } {
    const isInTime = nowMs - (used_at ?? 0) < JOIN_TOKEN_REPEAT_MS;
    const relayId = relay === null ? null : this.relay(relay);
    if (!isInTime || used_key !== publicKey.x || relay === null || relayId === null) {
      return { ok: false, reason: "token" };
    }
    return { ok: true, relay, relayId };
  }

  #freeName(name: string): string {
    return firstFreeName(name, (candidate) => this.#relayRow(candidate) !== undefined);
  }

  #relayRow(name: string): z.infer<typeof relayRow> | undefined {
    return rowsOf(this.ctx.storage.sql, relayRow, "SELECT * FROM relay WHERE name = ?", name)[0];
  }

  #team(): z.infer<typeof teamRow> {
    const [row] = rowsOf(this.ctx.storage.sql, teamRow, "SELECT name, installation FROM team");
    if (row === undefined) throw new Error("The team row is missing");
    return row;
  }
}

function parseScopes(text: string): Scope[] {
  return text.split(" ").flatMap((scope) => {
    const parsed = safeParse(scopeSchema, scope);
    return parsed.success ? [parsed.data] : [];
  });
}
