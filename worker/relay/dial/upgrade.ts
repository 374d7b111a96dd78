/** `GET /relay`: finds the relay object that a dial token names and hands the upgrade over. */
import { decodeJwt } from "jose";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { bearerToken } from "../../auth/bearer.ts";
import type { Env } from "../../env.ts";
import { toObjectId } from "../../object-namespace.ts";
import { dialRefused, upgradeRequired } from "./refusals.ts";
import { relayOf } from "../stub.ts";

export async function handleDial(request: Request, env: Env): Promise<Response> {
  const subprotocols = (request.headers.get("sec-websocket-protocol") ?? "").split(/\s*,\s*/);
  const isWebSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isWebSocket || !subprotocols.includes(LINK_SUBPROTOCOL)) {
    return upgradeRequired(LINK_SUBPROTOCOL);
  }
  const relayId = claimedRelay(bearerToken(request.headers));
  if (relayId === undefined || toObjectId(env.RELAY, relayId) === undefined) return dialRefused();
  return relayOf(env, relayId).fetch(request);
}

/** Only the way to the object that verifies the token; nothing is believed here. */
export function claimedRelay(token: string | undefined): string | undefined {
  try {
    return token === undefined ? undefined : decodeJwt(token).sub;
  } catch {
    return undefined;
  }
}
