/** `POST /relay/enroll`: spends a join token, registers a device's public key. */
import { ENROLL_PROOF_TYPE, enrollProofClaimsSchema } from "#shared/link/dial-token.ts";
import { enrollRequestSchema, LINK_PATH, type EnrollResponse } from "#shared/link/enrollment.ts";
import { bearerToken } from "../../auth/bearer.ts";
import { failedTries } from "../../auth/failed-tries.ts";
import { hashSecret, teamIdOf } from "../../auth/secret.ts";
import type { Env } from "../../env.ts";
import { senderNetwork } from "../../http/client-address.ts";
import { errorResponse, type HttpError } from "../../http/answer/error-response.ts";
import { readJson } from "../../http/body/read-json.ts";
import { logEvent } from "../../log.ts";
import { originsOf } from "../../origins.ts";
import type { EnrollmentResult } from "../../team/rpc.ts";
import { teamOf } from "../../team/stub.ts";
import { provenClaims, UNPROVEN } from "./key-proof.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const MAX_BODY_BYTES = 8 * 1024;

const BAD_TOKEN: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "The join token is not valid: unknown, expired, or used by another device.",
};

export async function handleEnroll(request: Request, env: Env): Promise<Response> {
  const token = bearerToken(request.headers);
  const teamId = token === undefined ? undefined : teamIdOf("join", token);
  const team = teamId === undefined ? undefined : teamOf(env, teamId);
  if (token === undefined || teamId === undefined || team === undefined) {
    return errorResponse(BAD_TOKEN);
  }
  const body = await readJson(request, enrollRequestSchema, MAX_BODY_BYTES);
  if (!body.ok) return errorResponse(body.error);
  const tokenHash = await hashSecret(token);
  const claims = await provenClaims(body.value, ENROLL_PROOF_TYPE);
  const proven = safeParse(enrollProofClaimsSchema, claims).data?.join;
  if (proven !== tokenHash) return errorResponse(UNPROVEN);
  const { name, public_key: publicKey } = body.value;
  const from = senderNetwork(request, env);
  const result = await failedTries.ask(
    { at: teamId, from, as: tokenHash, isWhole: true },
    () => team.enroll({ tokenHash, name, publicKey, nowMs: Date.now() }),
    (answer) => !answer.ok && answer.reason === "token",
  );
  if (!result.ok) return errorResponse(describeRefusal(result));
  logEvent("info", "relay_enrolled", { team: teamId, relay: result.relay });
  return Response.json(toResponse(result, teamId, env), { status: 201 });
}

function describeRefusal(refusal: Extract<EnrollmentResult, { ok: false }>): HttpError {
  switch (refusal.reason) {
    case "token":
      return BAD_TOKEN;
    case "team_full":
      return {
        status: 409,
        code: "team_full",
        message: "The team has as many relays as are allowed. Revoke one that is gone.",
      };
    case "name_not_allowed":
      return {
        status: 403,
        code: "name_not_allowed",
        message: `This join token is for relays named ${refusal.pattern}.`,
      };
    case "name_taken":
      return {
        status: 409,
        code: "name_taken",
        message: "Another relay of the team has this name.",
        free_name: refusal.freeName,
      };
  }
}

function toResponse(
  { relay, relayId, installation, teamName }: Extract<EnrollmentResult, { ok: true }>,
  teamId: string,
  env: Env,
): EnrollResponse {
  const link = new URL(LINK_PATH, originsOf(env).main);
  link.protocol = link.protocol === "https:" ? "wss:" : "ws:";
  return {
    relay,
    relay_id: relayId,
    installation,
    team: { id: teamId, name: teamName },
    link_url: link.href,
  };
}
