/** What a relay counts while it runs, for its metrics. Starts from 0 with the process, as counters may. */
import { CacheTally, type CacheCounts } from "#shared/metrics/cache-counts.ts";
import { CallTally, type CallCounts } from "#shared/metrics/call-counts.ts";

/**
 * Caches of what the AimDB processes reported: their record lists and graphs, and the schemas of values that were seen.
 */
const RELAY_CACHES = ["records", "graph", "schema"] as const;
type RelayCache = (typeof RELAY_CACHES)[number];

export interface RelayTotals {
  /** By the link's methods. */
  readonly calls: CallCounts;
  readonly caches: CacheCounts;
  readonly dials: number;
  readonly links: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export class RelayCounts {
  readonly #calls = new CallTally();
  readonly #caches = new CacheTally(RELAY_CACHES);
  readonly #link = { dials: 0, links: 0, bytesReceived: 0, bytesSent: 0 };

  noteCall(method: string, outcome: string, durationMs: number): void {
    this.#calls.note(method, outcome, durationMs);
  }

  noteCache(cache: RelayCache, isHit: boolean): void {
    this.#caches.note(cache, isHit);
  }

  add(what: keyof Omit<RelayTotals, "calls" | "caches">, by = 1): void {
    this.#link[what] += by;
  }

  read(): RelayTotals {
    return { calls: this.#calls.read(), caches: this.#caches.read(), ...this.#link };
  }
}
