/** A relay's next key, at the relay's object. The current key vouches for the new one, which the token names. */
import { decodeJwt } from "jose";
import { ROTATE_TOKEN_TYPE, rotateClaimsSchema } from "#shared/link/dial-token.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { teamOf } from "../../team/stub.ts";
import { spendJti } from "../relay-row.ts";
import type { Rotation, RotationResult } from "../rpc.ts";
import type { DialedRelay } from "./accept-dial.ts";
import { verifySigned } from "./dial.ts";
import { keysThatMayRotate, readKeys, writeNextKey } from "./keys.ts";

export async function acceptRotation(
  { token, publicKey, nowMs }: Rotation,
  { ctx, env, row: ownRow }: Pick<DialedRelay, "ctx" | "env" | "row">,
): Promise<RotationResult> {
  const { sql } = ctx.storage;
  const row = ownRow.read();
  if (row === undefined || row.status === "revoked") return { ok: false, reason: "unauthorized" };
  const keys = readKeys(sql, nowMs);
  const signed = await verifySigned(token, keysThatMayRotate(keys), {
    relayId: ctx.id.toString(),
    type: ROTATE_TOKEN_TYPE,
    installation: row.installation,
    nowMs,
  });
  if (!signed.ok) {
    return { ok: false, reason: signed.error.reason === "clock" ? "clock" : "unauthorized" };
  }
  const named = safeParse(rotateClaimsSchema, decodeJwt(token)).data?.next;
  if (named !== publicKey.x || !spendJti(sql, signed.value.claims.jti, nowMs)) {
    return { ok: false, reason: "unauthorized" };
  }
  const oldKeyUntilMs = writeNextKey(
    sql,
    { keys, signedBy: signed.value.signedBy, publicKey },
    nowMs,
  );
  await teamOf(env, row.team)?.setRelayKey(row.name, publicKey.x);
  return { ok: true, relay: row.name, oldKeyUntilMs };
}
