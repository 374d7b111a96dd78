/**
 * `subscriptions/listen`: the SDK owns the stream, this says what happens on it. Nothing is kept
 * between streams: each waits at the relays of its own resources, and only while it is open.
 */
import { InMemoryServerEventBus } from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import type { Fleet } from "#shared/fleet.ts";
import {
  findWatchable,
  MAX_WATCHED,
  watchResource,
  type Watchable,
} from "#shared/mcp/resources/watch-resources.ts";
import { logEvent } from "../log.ts";
import { safeParse } from "#shared/safe-parse.ts";

/** Who may listen is asked again so often; what was revoked ends then at the latest. */
const AUTHORIZE_INTERVAL_MS = 60_000;

/** Clients open a new one; platforms cut streams that live longer. */
const MAX_STREAM_MS = 15 * 60_000;

const listenRequest = z.looseObject({
  method: z.literal("subscriptions/listen"),
  params: z.looseObject({
    notifications: z.looseObject({ resourceSubscriptions: z.optional(z.array(z.string())) }),
  }),
});
type ListenRequest = z.infer<typeof listenRequest>;

/** Undefined for any other request, and for one of a form that the SDK refuses. */
export function parseListen(body: unknown): ListenRequest | undefined {
  const parsed = safeParse(listenRequest, body);
  return parsed.success ? parsed.data : undefined;
}

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
  const watchables = await findAll(fleet, body.params.notifications.resourceSubscriptions ?? []);
  const bus = new InMemoryServerEventBus();
  const { serve, end } = open(bus);
  const response = await serve(granting(body, watchables));
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

/** Those that can't be watched are left out, and the acknowledgement says which are in. */
async function findAll(fleet: Fleet, uris: readonly string[]): Promise<readonly Watchable[]> {
  const wanted = [...new Set(uris)].slice(0, MAX_WATCHED);
  const found = await Promise.all(wanted.map((uri) => findWatchable(fleet, uri)));
  return found.flatMap((result) => (result.ok && result.value !== undefined ? result.value : []));
}

function granting(body: ListenRequest, watchables: readonly Watchable[]): unknown {
  const { resourceSubscriptions: _asked, ...others } = body.params.notifications;
  const uris = watchables.map(({ uri }) => uri);
  const granted = uris.length === 0 ? others : { ...others, resourceSubscriptions: uris };
  return { ...body, params: { ...body.params, notifications: granted } };
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
