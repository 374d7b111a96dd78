/** Access tokens of a team: its people's and its services'. Rows of the team object. */
import * as z from "zod/mini";
import { scopeSchema, type Scope } from "#shared/access/scope.ts";
import { scopesWithin } from "../../access/role.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";
import { keepToken } from "./former-principals.ts";
import { memberById } from "./members.ts";
import type { AccessTokenOptions, AccessTokenView, Credential, Use } from "../rpc.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Per person, and for all services together. */
const MAX_TOKENS_EACH = 50;
const MAX_NETWORKS = 20;
const DAY_MS = 86_400_000;

const accessTokenRow = z.object({
  id: z.string(),
  label: z.string(),
  scopes: z.string(),
  created_at: z.number(),
  expires_at: z.number(),
  last_used_day: z.nullable(z.number()),
  member: z.nullable(z.string()),
});
type AccessTokenRow = z.infer<typeof accessTokenRow>;
/** Also whether it was used from the current network before: read together, because each call needs both. */
const usedTokenRow = z.extend(accessTokenRow, { is_known: z.number() });
const idRow = z.object({ id: z.string() });
const networkRow = z.object({ network: z.string(), first_used_at: z.number() });

export function hasRoomForAccessToken(sql: Sql, memberId: string | null, nowMs: number): boolean {
  const ended = rowsOf(sql, idRow, "SELECT id FROM access_token WHERE expires_at <= ?", nowMs);
  for (const { id } of ended) endToken(sql, id, nowMs);
  const same = rowsOf(
    sql,
    accessTokenRow,
    "SELECT * FROM access_token WHERE member IS ?",
    memberId,
  );
  return same.length < MAX_TOKENS_EACH;
}

export function writeAccessToken(
  sql: Sql,
  token: AccessTokenOptions & { hash: string; id: string },
): void {
  sql.exec(
    "INSERT INTO access_token VALUES (?, ?, ?, ?, ?, ?, NULL, ?)",
    token.hash,
    token.id,
    token.label,
    token.scopes.join(" "),
    token.nowMs,
    token.nowMs + token.lifetimeMs,
    token.memberId,
  );
}

export function readAccessTokens(
  sql: Sql,
  memberId: string | null,
  nowMs: number,
): AccessTokenView[] {
  const rows = rowsOf(
    sql,
    accessTokenRow,
    "SELECT * FROM access_token WHERE (?1 IS NULL OR member = ?1) AND expires_at > ?2 ORDER BY created_at, rowid",
    memberId,
    nowMs,
  );
  return rows.map((row) => toView(sql, row));
}

/** If a member is given, only one of theirs. */
export function deleteAccessToken(
  sql: Sql,
  { id, memberId, nowMs }: { id: string; memberId: string | null; nowMs: number },
): boolean {
  const found = rowsOf(
    sql,
    accessTokenRow,
    "SELECT * FROM access_token WHERE id = ?1 AND (?2 IS NULL OR member = ?2)",
    id,
    memberId,
  );
  if (found.length === 0) return false;
  endToken(sql, id, nowMs);
  return true;
}

export function deleteTokensOf(sql: Sql, memberId: string, nowMs: number): void {
  const theirs = rowsOf(sql, idRow, "SELECT id FROM access_token WHERE member = ?", memberId);
  for (const { id } of theirs) endToken(sql, id, nowMs);
}

function endToken(sql: Sql, id: string, nowMs: number): void {
  keepToken(sql, id, nowMs);
  sql.exec("DELETE FROM access_token WHERE id = ?", id);
  sql.exec("DELETE FROM token_network WHERE token = ?", id);
}

export interface Authorization {
  readonly credential: Omit<Credential, "rightsVersion" | "auditReads">;
  /** It was never used from this network before, but was from another. */
  readonly isFromNewNetwork: boolean;
}

/** Undefined for a token that is not valid: unknown, expired, or of a person who has left. */
export function authorize(sql: Sql, hash: string, use: Use): Authorization | undefined {
  const [row] = rowsOf(
    sql,
    usedTokenRow,
    "SELECT *, EXISTS (SELECT 1 FROM token_network WHERE token = id AND network = ?) AS is_known FROM access_token WHERE hash = ? AND expires_at > ?",
    use.network,
    hash,
    use.nowMs,
  );
  const scopes = row === undefined ? undefined : scopesNow(sql, row);
  if (row === undefined || scopes === undefined) return undefined;
  const isFromNewNetwork = noteUse(sql, row, use);
  const principal = row.member ?? row.id;
  const credential = { id: row.id, principal, scopes, expiresAtMs: row.expires_at };
  return { credential, isFromNewNetwork };
}

/** A person's token allows what the person may do at this moment. */
function scopesNow(sql: Sql, row: AccessTokenRow): Scope[] | undefined {
  const scopes = parseScopes(row.scopes);
  if (row.member === null) return scopes;
  const member = memberById(sql, row.member);
  return member === undefined ? undefined : scopesWithin(member.role, scopes);
}

/** Undefined for one that no longer exists, and for an id that is no token's. */
export function scopesOfToken(sql: Sql, id: string, nowMs: number): Scope[] | undefined {
  const [row] = rowsOf(
    sql,
    accessTokenRow,
    "SELECT * FROM access_token WHERE id = ? AND expires_at > ?",
    id,
    nowMs,
  );
  return row === undefined ? undefined : scopesNow(sql, row);
}

/** Written once a day and once per network, not with each call. */
function noteUse(
  sql: Sql,
  { id, last_used_day, is_known }: z.infer<typeof usedTokenRow>,
  { nowMs, network }: Use,
): boolean {
  const day = Math.floor(nowMs / DAY_MS);
  if (last_used_day !== day) {
    sql.exec("UPDATE access_token SET last_used_day = ? WHERE id = ?", day, id);
  }
  if (is_known === 1) return false;
  const known = networksOf(sql, id);
  if (known.length >= MAX_NETWORKS) return false;
  sql.exec("INSERT INTO token_network VALUES (?, ?, ?)", id, network, nowMs);
  return known.length > 0;
}

function networksOf(sql: Sql, token: string): z.infer<typeof networkRow>[] {
  return rowsOf(
    sql,
    networkRow,
    "SELECT network, first_used_at FROM token_network WHERE token = ? ORDER BY first_used_at",
    token,
  );
}

function toView(sql: Sql, row: AccessTokenRow): AccessTokenView {
  const { id, label, member, created_at, expires_at, last_used_day } = row;
  return {
    id,
    label,
    scopes: parseScopes(row.scopes),
    memberId: member,
    createdAtMs: created_at,
    expiresAtMs: expires_at,
    lastUsedDay: last_used_day,
    networks: networksOf(sql, id).map(({ network, first_used_at }) => ({
      network,
      firstUsedAtMs: first_used_at,
    })),
  };
}

function parseScopes(text: string): Scope[] {
  return text.split(" ").flatMap((scope) => {
    const parsed = safeParse(scopeSchema, scope);
    return parsed.success ? [parsed.data] : [];
  });
}
