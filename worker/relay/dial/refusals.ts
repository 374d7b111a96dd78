/** HTTP answers to a refused dial. Every cause but a wrong clock looks the same. */
import type { Refusal } from "#shared/link/enrollment.ts";

const SUSPENDED_RETRY_S = 60;

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

/** Not with the relay's key, or not any more. */
export function isDialRefused({ status, headers }: Response): boolean {
  return status === 401 && headers.has("www-authenticate");
}

/** Only to a relay that signed validly: its clock may be decades off before the network is up. */
export function clockRefused(nowMs: number): Response {
  return refuse(401, {
    code: "clock",
    message: "The token is valid and its time is not: the relay's clock is wrong.",
    server_time_ms: nowMs,
  });
}

/** Only to a relay that signed correctly. It keeps asking: the team may resume it at any time. */
export function suspendedRefused(): Response {
  return refuse(
    423,
    { code: "suspended", message: "The team has suspended this relay." },
    { "retry-after": String(SUSPENDED_RETRY_S) },
  );
}

/** Only to a relay that signed correctly. */
export function tooManyLinks(waitMs: number): Response {
  return refuse(
    429,
    {
      code: "slow_down",
      message: "This relay's links end as soon as they begin. It dials again by itself.",
    },
    { "retry-after": String(Math.ceil(waitMs / 1000)) },
  );
}

export function upgradeRequired(subprotocol: string): Response {
  return refuse(
    426,
    { code: "upgrade_required", message: "This address speaks WebSocket, to relays." },
    { upgrade: "websocket", "sec-websocket-protocol": subprotocol },
  );
}
