/**
 * How this isolate's caches were used, by team. Nobody can ask all isolates, so the counts wait here for the
 * team's next line of the log and go along with it, without a message of their own.
 */
import { CacheTally, type CacheCounts } from "#shared/metrics/cache-counts.ts";

/** Callers that the team admitted, and the objects that relay names stand for. */
export const WORKER_CACHES = ["callers", "relay_names"] as const;
export type WorkerCache = (typeof WORKER_CACHES)[number];

/** The oldest goes: counts of a team whose callers call no tool are never sent. */
const MAX_TEAMS = 1_000;

export class CacheUses {
  readonly #byTeam = new Map<string, CacheTally<WorkerCache>>();

  note(team: string, cache: WorkerCache, isHit: boolean): void {
    this.#tallyOf(team).note(cache, isHit);
  }

  /** Counts that were taken and could not be sent. */
  putBack(team: string, counts: CacheCounts): void {
    this.#tallyOf(team).add(counts);
  }

  /** Counts since the last time. */
  take(team: string): CacheCounts {
    const tally = this.#byTeam.get(team);
    this.#byTeam.delete(team);
    return tally?.read() ?? [];
  }

  #tallyOf(team: string): CacheTally<WorkerCache> {
    const known = this.#byTeam.get(team);
    if (known !== undefined) return known;
    const begun = new CacheTally(WORKER_CACHES);
    this.#byTeam.set(team, begun);
    const [oldest] = this.#byTeam.size > MAX_TEAMS ? this.#byTeam.keys() : [];
    if (oldest !== undefined) this.#byTeam.delete(oldest);
    return begun;
  }
}

/** This isolate's. */
export const cacheUses = new CacheUses();
