/**
 * `subscriptions/listen`: the SDK owns the stream, this says what happens on it. Nothing is kept
 * between streams: each waits at the relays of its own resources, and only while it is open.
 */
import { InMemoryServerEventBus } from "@modelcontextprotocol/server";
import type { Fleet } from "#shared/fleet.ts";
import { granting, type ListenRequest } from "#shared/mcp/resources/listen-request.ts";
import { findWatchables, watchResource } from "#shared/mcp/resources/watch-resources.ts";
import { logEvent } from "../log.ts";

/** Who may listen is asked again so often; what was revoked ends then at the latest. */
const AUTHORIZE_INTERVAL_MS = 60_000;

/** Clients open a new one; platforms cut streams that live longer. */
const MAX_STREAM_MS = 15 * 60_000;

export interface Listening {
  readonly fleet: Fleet;
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
  { fleet, stillAllowed, wait, open }: Listening,
): Promise<Response> {
  const asked = body.params.notifications.resourceSubscriptions ?? [];
  const watchables = await findWatchables(fleet, asked);
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
