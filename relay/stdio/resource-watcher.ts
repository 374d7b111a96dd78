/**
 * Notifies the one client of changed resources: 2025 clients subscribe to each, 2026 clients listen to several with one
 * request. A resource is watched once, for as long as any of them holds it.
 */
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { Fleet } from "#shared/fleet/fleet.ts";
import type { ResourceSubscriber } from "#shared/mcp/serving/resource-handlers.ts";
import {
  findWatchable,
  findWatchables,
  MAX_WATCHED,
  watchResource,
  type Watchable,
} from "#shared/mcp/resources/watch-resources.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { waitUntil } from "../wait-until.ts";

export interface ResourceWatcherOptions {
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly log: Log;
  readonly onUpdated: (uri: string) => void;
}

interface Watch {
  readonly holders: Set<Holder>;
  readonly over: AbortController;
}

/** The id of a `subscriptions/listen`, or the subscriber to a single resource. */
export type Holder = string | number;

const SUBSCRIBER: Holder = "resources/subscribe";

export class ResourceWatcher implements ResourceSubscriber {
  readonly #options: ResourceWatcherOptions;
  readonly #watches = new Map<string, Watch>();

  constructor(options: ResourceWatcherOptions) {
    this.#options = options;
  }

  async subscribe(uri: string): Promise<boolean> {
    const found = await findWatchable(this.#options.fleet, uri);
    if (!found.ok || found.value === undefined) return false;
    if (!this.#hold(found.value, SUBSCRIBER)) throw TOO_MANY;
    return true;
  }

  unsubscribe(uri: string): void {
    this.#release(uri, SUBSCRIBER);
  }

  /** Those of `uris` whose changes `holder` gets from now on. */
  async listen(holder: Holder, uris: readonly string[]): Promise<readonly string[]> {
    const found = await findWatchables(this.#options.fleet, uris);
    return found.filter((watchable) => this.#hold(watchable, holder)).map(({ uri }) => uri);
  }

  unlisten(holder: Holder): void {
    for (const uri of this.#watches.keys()) this.#release(uri, holder);
  }

  end(): void {
    for (const { over } of this.#watches.values()) over.abort();
    this.#watches.clear();
  }

  /** False if the client already watches as much as it may. */
  #hold(watchable: Watchable, holder: Holder): boolean {
    const { uri } = watchable;
    const held = this.#watches.get(uri);
    if (held === undefined && this.#watches.size >= MAX_WATCHED) return false;
    if (held !== undefined) {
      held.holders.add(holder);
      return true;
    }
    const watch = { holders: new Set([holder]), over: new AbortController() };
    this.#watches.set(uri, watch);
    void this.#watch(watchable, watch.over.signal).then(() => {
      // Its record is gone: who asks for it again gets a new watch.
      if (this.#watches.get(uri) === watch) this.#watches.delete(uri);
    });
    return true;
  }

  #release(uri: string, holder: Holder): void {
    const watch = this.#watches.get(uri);
    if (watch === undefined || !watch.holders.delete(holder) || watch.holders.size > 0) return;
    watch.over.abort();
    this.#watches.delete(uri);
  }

  async #watch(watchable: Watchable, signal: AbortSignal): Promise<void> {
    const { fleet, clock, log, onUpdated } = this.#options;
    const wait = (waitMs: number) => waitUntil({ clock, waitMs, signal }, () => () => {});
    const context = { fleet, wait, isOver: () => signal.aborted };
    try {
      await watchResource(context, watchable, () => onUpdated(watchable.uri));
    } catch (error) {
      log.error("watch_failed", { reason: String(error) });
    }
  }
}

const TOO_MANY = new ProtocolError(
  ProtocolErrorCode.InvalidParams,
  `You watch ${MAX_WATCHED} resources, the most that are allowed. Unsubscribe from one.`,
);
