/** `POST /relay/rotate`: a device gives its relay a second key, which replaces the first. */
import { ROTATE_PROOF_TYPE, rotateProofClaimsSchema } from "#shared/link/dial-token.ts";
import { rotateRequestSchema, type RotateResponse } from "#shared/link/enrollment.ts";
import { bearerToken } from "../../auth/bearer.ts";
import { failedTries } from "../../auth/failed-tries.ts";
import { hashSecret } from "../../auth/secret.ts";
import type { Env } from "../../env.ts";
import { errorResponse } from "../../http/answer/error-response.ts";
import { readJson } from "../../http/body/read-json.ts";
import { logEvent } from "../../log.ts";
import { toObjectId } from "../../object-namespace.ts";
import { provenClaims, UNPROVEN } from "./key-proof.ts";
import { clockRefused, dialRefused } from "./refusals.ts";
import { relayOf } from "../stub.ts";
import { claimedRelay, triedDial } from "./upgrade.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const MAX_BODY_BYTES = 8 * 1024;

export async function handleRotate(request: Request, env: Env): Promise<Response> {
  const token = bearerToken(request.headers);
  const relayId = claimedRelay(token);
  if (token === undefined || relayId === undefined) return dialRefused();
  if (toObjectId(env.RELAY, relayId) === undefined) return dialRefused();
  const body = await readJson(request, rotateRequestSchema, MAX_BODY_BYTES);
  if (!body.ok) return errorResponse(body.error);
  const claims = await provenClaims(body.value, ROTATE_PROOF_TYPE);
  const proven = safeParse(rotateProofClaimsSchema, claims).data?.rotate;
  if (proven !== (await hashSecret(token))) return errorResponse(UNPROVEN);
  const nowMs = Date.now();
  const publicKey = body.value.public_key;
  const rotated = await failedTries.ask(
    triedDial(request, env, relayId),
    () => relayOf(env, relayId).rotate({ token, publicKey, nowMs }),
    (answer) => !answer.ok && answer.reason !== "clock",
  );
  if (!rotated.ok) return rotated.reason === "clock" ? clockRefused(nowMs) : dialRefused();
  logEvent("info", "relay_key_rotated", { relay: rotated.relay });
  const old_key_until = new Date(rotated.oldKeyUntilMs).toISOString();
  return Response.json({ relay: rotated.relay, old_key_until } satisfies RotateResponse);
}
