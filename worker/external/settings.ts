/**
 * EXTERNAL_ISSUER, as JSON: whose JWTs are accepted as access tokens, and what they mean here. Nothing is guessed:
 * a token of the issuer that the mapping does not cover is not valid. Pure.
 */
import * as z from "zod/mini";
import { err, ok, type Result } from "#shared/result.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Key pairs only: with a shared secret, anybody who can verify tokens could make them. */
const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
] as const;

const teamId = z.string().check(z.regex(/^[0-9a-f]{64}$/));
/** Owners manage the team signed in here, never with a token from elsewhere. */
const role = z.enum(["viewer", "operator"]);
const texts = z.array(z.string().check(z.minLength(1)));
/** Plain HTTP to this machine only. */
const address = z
  .string()
  .check(z.regex(/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])[^\s]+$/));

/** One value for all tokens, or one by the value of a claim; a claim that is a list may match several. */
function mapped<S extends z.ZodMiniType>(value: S) {
  return z.union([
    value,
    z.strictObject({ claim: z.string(), values: z.record(z.string(), value) }),
  ]);
}

const settingsSchema = z
  .strictObject({
    issuer: address,
    jwks_url: address,
    algorithms: z._default(z.array(z.enum(ALGORITHMS)).check(z.minLength(1)), ["RS256", "ES256"]),
    /** Values of `aud`. */
    audiences: z._default(texts, []),
    /** Values of `client_id` or `azp`. Cognito's access tokens have no `aud`. */
    client_ids: z._default(texts, []),
    team: mapped(teamId),
    role: mapped(role),
  })
  .check(
    z.refine(({ audiences, client_ids }) => audiences.length + client_ids.length > 0, {
      error: "audiences or client_ids must name who the tokens are for",
    }),
  );

export type ExternalSettings = z.infer<typeof settingsSchema>;
export type Mapping<T> = T | { claim: string; values: Record<string, T> };

export function readExternalSettings(text: string): Result<ExternalSettings, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err("EXTERNAL_ISSUER is not JSON");
  }
  const parsed = safeParse(settingsSchema, value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err(`EXTERNAL_ISSUER: ${issue?.path.join(".") ?? ""} ${issue?.message ?? "is not valid"}`);
}
