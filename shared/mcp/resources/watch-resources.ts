/**
 * Tells when a record resource has changed, for `subscriptions/listen` and `resources/subscribe`: at once, then at most
 * every MIN_INTERVAL_MS, however fast the record is. One wait at the relay for each resource, none while nobody
 * listens.
 */
import type { Failure } from "../../failure.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { ok, type Result } from "../../result.ts";
import { toldWaitMs } from "../../fleet/told-wait.ts";
import { MAX_CALL_WAIT_MS } from "../limits.ts";
import { selectOneInstance } from "../asking/targets.ts";
import { parseResourceUri } from "./resource-uri.ts";

const MIN_INTERVAL_MS = 250;

/** Before a relay or host that is away is asked again. */
const RETRY_MS = 5_000;

/** For one listener. A client that wants more reads the instance's records. */
export const MAX_WATCHED = 20;

export interface WatchContext {
  readonly fleet: Fleet;
  /** Settles after this long, or when nobody listens any more. */
  readonly wait: (ms: number) => Promise<void>;
  readonly isOver: () => boolean;
}

export interface Watchable {
  readonly uri: string;
  readonly instance: string;
  readonly record: string;
  /** Where the watch begins. */
  readonly next: string;
}

/** The resource, if it is a record that can be watched; else why not. */
export async function findWatchable(
  fleet: Fleet,
  uri: string,
): Promise<Result<Watchable | undefined, Failure>> {
  const address = parseResourceUri(uri);
  if (address?.kind !== "record") return ok(undefined);
  const { of, key: record } = address;
  const selector = of.by === "instance" ? { instance: of.instance } : { socket: of.socket };
  const selected = await selectOneInstance(fleet, { ...selector, record });
  if (!selected.ok) return selected;
  const instance = selected.value;
  const watched = await fleet.watch(instance, { record, waitMs: 0 });
  return watched.ok ? ok({ uri, instance, record, next: watched.value.next }) : watched;
}

/** Those that can't be watched are left out. */
export async function findWatchables(
  fleet: Fleet,
  uris: readonly string[],
): Promise<readonly Watchable[]> {
  const wanted = [...new Set(uris)].slice(0, MAX_WATCHED);
  const found = await Promise.all(wanted.map((uri) => findWatchable(fleet, uri)));
  return found.flatMap((result) => (result.ok && result.value !== undefined ? result.value : []));
}

/** Goes on until nobody listens, or until the record is gone. */
export async function watchResource(
  { fleet, wait, isOver }: WatchContext,
  { instance, record, next: start }: Watchable,
  onChange: () => void,
): Promise<void> {
  let next = start;
  let wasAway = false;
  while (!isOver()) {
    const watched = await fleet.watch(instance, { record, after: next, waitMs: MAX_CALL_WAIT_MS });
    if (isOver() || (!watched.ok && GONE.has(watched.error.code))) return;
    const isAway = !watched.ok;
    if (watched.ok) next = watched.value.next;
    // That a device went away or came back changes what a read gives, too.
    if (isAway !== wasAway || (watched.ok && watched.value.changed)) onChange();
    wasAway = isAway;
    await wait(watched.ok ? MIN_INTERVAL_MS : Math.max(RETRY_MS, toldWaitMs(watched.error)));
  }
}

/** A record that was watched and is `not_observable` is so while its instance reconnects. */
const GONE: ReadonlySet<Failure["code"]> = new Set([
  "unknown_instance",
  "unknown_record",
  "insufficient_scope",
]);
