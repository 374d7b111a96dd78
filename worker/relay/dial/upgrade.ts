/** `GET /relay`: finds the relay object that a dial token names and passes the upgrade on. */
import { decodeJwt } from "jose";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { bearerToken } from "../../auth/bearer.ts";
import { failedTries, type Tried } from "../../auth/failed-tries.ts";
import type { Env } from "../../env.ts";
import { senderNetwork } from "../../http/client-address.ts";
import { toObjectId } from "../../object-namespace.ts";
import { dialRefused, isDialRefused, upgradeRequired } from "./refusals.ts";
import { relayOf } from "../stub.ts";

export async function handleDial(request: Request, env: Env): Promise<Response> {
  const subprotocols = (request.headers.get("sec-websocket-protocol") ?? "").split(/\s*,\s*/);
  const isWebSocket = request.headers.get("upgrade")?.toLowerCase() === "websocket";
  if (!isWebSocket || !subprotocols.includes(LINK_SUBPROTOCOL)) {
    return upgradeRequired(LINK_SUBPROTOCOL);
  }
  const relayId = claimedRelay(bearerToken(request.headers));
  if (relayId === undefined || toObjectId(env.RELAY, relayId) === undefined) return dialRefused();
  return failedTries.ask(
    triedDial(request, env, relayId),
    () => relayOf(env, relayId).fetch(request),
    isDialRefused,
  );
}

/** Dial tokens are another each time, and their relay's id stays. */
export function triedDial(request: Request, env: Env, relayId: string): Tried {
  const from = senderNetwork(request, env);
  return { at: relayId, from, as: relayId, isWhole: false };
}

/** Only used to find the object that verifies the token; nothing is trusted here. */
export function claimedRelay(token: string | undefined): string | undefined {
  try {
    return token === undefined ? undefined : decodeJwt(token).sub;
  } catch {
    return undefined;
  }
}
