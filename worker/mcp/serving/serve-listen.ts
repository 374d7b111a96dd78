/**
 * `subscriptions/listen`: the SDK owns the stream; this decides what is sent on it. Nothing is kept between
 * streams: each waits at the relays of its own resources, and only while it is open.
 */
import { InMemoryServerEventBus } from "@modelcontextprotocol/server";
import type { Fleet } from "#shared/fleet/fleet.ts";
import type { OnCall } from "#shared/mcp/serving/client-call.ts";
import { granting, type ListenRequest } from "#shared/mcp/resources/listen-request.ts";
import { recordsIn } from "#shared/mcp/resources/resource-uri.ts";
import { findWatchables, watchResource } from "#shared/mcp/resources/watch-resources.ts";
import { logEvent } from "../../log.ts";
import { requestIdOf, RPC_CODES, rpcErrorResponse } from "../request/json-rpc-error.ts";

/** How often the right to listen is checked; a stream ends this long after a revocation at the latest. */
const AUTHORIZE_INTERVAL_MS = 60_000;

/** Clients open a new one; platforms cut streams that live longer. */
const MAX_STREAM_MS = 15 * 60_000;

export interface Listening {
  readonly fleet: Fleet;
  readonly onCall?: OnCall | undefined;
  readonly stillAllowed: () => Promise<boolean>;
  readonly wait: (ms: number) => Promise<void>;
  /** The SDK's handler over `bus`: `serve` opens the stream, `end` finishes it with a result. */
  readonly open: (bus: InMemoryServerEventBus) => {
    readonly serve: (body: unknown) => Promise<Response>;
    readonly end: () => Promise<void>;
  };
}

export async function serveListen(
  body: ListenRequest,
  { fleet, onCall, stillAllowed, wait, open }: Listening,
): Promise<Response> {
  const asked = body.params.notifications.resourceSubscriptions ?? [];
  const watchables = await findWatchables(fleet, asked);
  const refused = asked.length === 0 ? undefined : await noteListen(body, asked, onCall);
  if (refused !== undefined) return refused;
  const bus = new InMemoryServerEventBus();
  const { serve, end } = open(bus);
  const uris = watchables.map(({ uri }) => uri);
  const response = await serve(granting(body, uris));
  const context = { fleet, wait, isOver: () => isOver(bus) };
  for (const watchable of watchables) {
    const onChange = () => bus.publish({ kind: "resource_updated", uri: watchable.uri });
    watchResource(context, watchable, onChange).catch((error: unknown) =>
      logEvent("error", "watch_failed", { reason: String(error) }),
    );
  }
  void endInTime(bus, { stillAllowed, wait }).then(end);
  return response;
}

/** Logged once, before the stream begins, since all its changes are of these resources. */
async function noteListen(
  body: ListenRequest,
  uris: readonly string[],
  onCall: OnCall | undefined,
): Promise<Response | undefined> {
  const failed = await onCall?.({
    action: "resource.listen",
    scope: "aimdb:read",
    input: { uris: [...uris] },
    record: recordsIn(uris),
    result: { contents: [] },
  });
  if (failed === undefined) return undefined;
  const { code, message } = failed;
  const refusal = { status: 503, code: RPC_CODES.internal, message: `${message} (${code})` };
  return rpcErrorResponse(refusal, requestIdOf(body));
}

function isOver(bus: InMemoryServerEventBus): boolean {
  return bus.listenerCount === 0;
}

async function endInTime(
  bus: InMemoryServerEventBus,
  { stillAllowed, wait }: Pick<Listening, "stillAllowed" | "wait">,
): Promise<void> {
  for (let ageMs = 0; ageMs < MAX_STREAM_MS; ageMs += AUTHORIZE_INTERVAL_MS) {
    await wait(AUTHORIZE_INTERVAL_MS);
    if (isOver(bus) || !(await stillAllowed().catch(() => false))) return;
  }
}
