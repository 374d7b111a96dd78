/**
 * Which object a relay's name stands for in a team, kept for a while. The object of a revoked relay says that it
 * is no longer the one; a name that is not known here is looked up by its team.
 */
import { cacheUses } from "../../metrics/cache-uses.ts";

const KEPT_MS = 60_000;
const MAX_RELAYS = 10_000;

interface Kept {
  readonly objectId: string;
  readonly untilMs: number;
}

export interface RelayName {
  readonly team: string;
  readonly name: string;
}

export class KnownRelays {
  readonly #kept = new Map<string, Kept>();
  readonly #nowMs: () => number;
  readonly #onUse: (team: string, isHit: boolean) => void;

  constructor(nowMs: () => number, onUse: (team: string, isHit: boolean) => void) {
    this.#nowMs = nowMs;
    this.#onUse = onUse;
  }

  /** Undefined if the team has no relay of this name. */
  async find(
    relay: RelayName,
    ask: () => Promise<string | null | undefined>,
  ): Promise<string | undefined> {
    const key = keyOf(relay);
    const kept = this.#kept.get(key);
    const isKnown = kept !== undefined && kept.untilMs > this.#nowMs();
    this.#onUse(relay.team, isKnown);
    if (isKnown) return kept.objectId;
    const untilMs = this.#nowMs() + KEPT_MS;
    const objectId = (await ask()) ?? undefined;
    this.#kept.delete(key);
    if (objectId !== undefined) this.#keep(key, { objectId, untilMs });
    return objectId;
  }

  forget(relay: RelayName): void {
    this.#kept.delete(keyOf(relay));
  }

  /** The oldest goes: a map keeps the order of insertion. */
  #keep(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.size > MAX_RELAYS ? this.#kept.keys() : [];
    if (oldest !== undefined) this.#kept.delete(oldest);
  }
}

function keyOf({ team, name }: RelayName): string {
  return `${team} ${name}`;
}

/** This isolate's. */
export const knownRelays = new KnownRelays(Date.now, (team, isHit) =>
  cacheUses.note(team, "relay_names", isHit),
);
