/** HTTP answers to a dial that is not accepted. Every cause but a wrong clock looks the same. */
import type { Refusal } from "#shared/link/enrollment.ts";

function refuse(status: number, error: Refusal["error"], headers: HeadersInit = {}): Response {
  return Response.json({ error } satisfies Refusal, { status, headers });
}

export function dialRefused(): Response {
  return refuse(
    401,
    { code: "unauthorized", message: "This relay's key is not accepted." },
    { "www-authenticate": "Bearer" },
  );
}

/** Only to a relay that signed validly: its clock may be decades off before the network is up. */
export function clockRefused(nowMs: number): Response {
  return refuse(401, {
    code: "clock",
    message: "The token is valid and its time is not: the relay's clock is wrong.",
    server_time_ms: nowMs,
  });
}

export function upgradeRequired(subprotocol: string): Response {
  return refuse(
    426,
    { code: "upgrade_required", message: "This address speaks WebSocket, to relays." },
    { upgrade: "websocket", "sec-websocket-protocol": subprotocol },
  );
}
