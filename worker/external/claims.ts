/**
 * What a verified JWT of the external issuer says: that it is an access token for us, whose, and for what. Pure.
 */
import * as z from "zod/mini";
import type { ExternalSettings, Mapping } from "./settings.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const MAX_LIFETIME_S = 24 * 3_600;
const MAX_SUBJECT_LENGTH = 255;

export interface ExternalIdentity {
  readonly subject: string;
  readonly client: string;
  /** The team object's id. */
  readonly team: string;
  readonly role: "viewer" | "operator";
  readonly expiresAtS: number;
}

const claimsSchema = z.looseObject({
  sub: z.string().check(z.minLength(1), z.maxLength(MAX_SUBJECT_LENGTH)),
  iat: z.number(),
  exp: z.number(),
  aud: z.optional(z.union([z.string(), z.array(z.string())])),
  client_id: z.optional(z.string()),
  azp: z.optional(z.string()),
  token_use: z.optional(z.string()),
});
type Claims = z.infer<typeof claimsSchema>;

/** Undefined unless it is an access token that is meant for us. */
export function identityOf(
  { typ }: { readonly typ?: string | undefined },
  payload: unknown,
  settings: ExternalSettings,
): ExternalIdentity | undefined {
  const parsed = safeParse(claimsSchema, payload);
  if (!parsed.success || parsed.data.exp - parsed.data.iat > MAX_LIFETIME_S) return undefined;
  const claims = parsed.data;
  if (!isAccessToken(typ, claims) || !isForUs(claims, settings)) return undefined;
  const team = only(valuesOf(settings.team, claims));
  const role = highest(valuesOf(settings.role, claims));
  if (team === undefined || role === undefined) return undefined;
  const client = clientOf(claims) ?? "";
  return { subject: claims.sub, client, team, role, expiresAtS: claims.exp };
}

/** RFC 9068 §2.1, or Cognito, which sets no type. An ID token is neither. */
function isAccessToken(typ: string | undefined, { token_use }: Claims): boolean {
  const type = typ?.toLowerCase();
  if (type === "at+jwt" || type === "application/at+jwt") return token_use !== "id";
  return token_use === "access";
}

/** By its audience; without one by its client, which then must be listed. */
function isForUs(claims: Claims, { audiences, client_ids }: ExternalSettings): boolean {
  const named = [claims.aud ?? []].flat();
  const client = clientOf(claims);
  const isListed = client !== undefined && client_ids.includes(client);
  if (named.length === 0) return isListed;
  const isAudience = named.some((audience) => audiences.includes(audience));
  return isAudience && (client_ids.length === 0 || isListed);
}

function clientOf({ client_id, azp }: Claims): string | undefined {
  return client_id ?? azp;
}

function valuesOf<T extends string>(mapping: Mapping<T>, claims: Claims): readonly T[] {
  if (typeof mapping === "string") return [mapping];
  const { claim, values } = mapping;
  const value = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  return [value].flat().flatMap((one) => {
    const isMapped = typeof one === "string" && Object.hasOwn(values, one);
    return isMapped ? (values[one] ?? []) : [];
  });
}

/** A person in two mapped teams is in neither: the token does not say which one is meant. */
function only(teams: readonly string[]): string | undefined {
  const [team, ...others] = new Set(teams);
  return others.length === 0 ? team : undefined;
}

function highest(roles: readonly ExternalIdentity["role"][]): ExternalIdentity["role"] | undefined {
  return roles.includes("operator") ? "operator" : roles[0];
}
