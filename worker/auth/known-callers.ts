/**
 * What teams said about tokens, kept for a while so that a call soon after another needs no question. It
 * lives in the isolate, and isolates can't be told of changes, so nothing is decided on it alone: the relay
 * object and the team object see from `rightsVersion` that it is outdated.
 */
import { CALLER_KEPT_MS } from "../access/rights.ts";
import { cacheUses } from "../metrics/cache-uses.ts";
import type { Principal } from "./principal.ts";
import { TokenHashes } from "./token-hashes.ts";

/** A token that is not valid is asked about again soon: a person may just have been let in. */
const NOBODY_KEPT_MS = 5_000;
const MAX_CALLERS = 10_000;
/** Anybody can send invalid tokens. */
const MAX_NOBODIES = 1_000;

export interface Known {
  readonly principal: Principal;
  /** The token's; Unix milliseconds. */
  readonly expiresAtMs: number;
}

interface Kept<T> {
  readonly value: T;
  readonly untilMs: number;
}

export class KnownCallers {
  readonly #callers = new Map<string, Kept<Known>>();
  readonly #nobodies = new Map<string, Kept<undefined>>();
  readonly #hashes: TokenHashes;
  readonly #nowMs: () => number;
  readonly #onUse: (team: string, isHit: boolean) => void;

  constructor(nowMs: () => number, onUse: (team: string, isHit: boolean) => void) {
    this.#hashes = new TokenHashes(nowMs);
    this.#nowMs = nowMs;
    this.#onUse = onUse;
  }

  /** `from`: if a known token turns up on another network, its team is asked. */
  async find(
    { token, from }: { readonly token: string; readonly from: string },
    ask: () => Promise<Known | undefined>,
  ): Promise<Known | undefined> {
    const key = `${await this.#hashes.of(token)} ${from}`;
    const kept = this.#alive(this.#callers, key) ?? this.#alive(this.#nobodies, key);
    const known = kept === undefined ? await this.#ask(key, ask) : kept.value;
    // A token that is not valid belongs to no team that could count it.
    if (known !== undefined) this.#onUse(known.principal.team, kept !== undefined);
    return known;
  }

  /** Asks the team, even if something is known. */
  async renew(
    { token, from }: { readonly token: string; readonly from: string },
    ask: () => Promise<Known | undefined>,
  ): Promise<Known | undefined> {
    return this.#ask(`${await this.#hashes.of(token)} ${from}`, ask);
  }

  forget(team: string): void {
    for (const [key, { value }] of this.#callers) {
      if (value.principal.team === team) this.#callers.delete(key);
    }
  }

  async #ask(key: string, ask: () => Promise<Known | undefined>): Promise<Known | undefined> {
    const askedAtMs = this.#nowMs();
    const value = await ask();
    if (value === undefined) {
      this.#callers.delete(key);
      keep(this.#nobodies, MAX_NOBODIES, [key, { value, untilMs: askedAtMs + NOBODY_KEPT_MS }]);
      return undefined;
    }
    const untilMs = Math.min(askedAtMs + CALLER_KEPT_MS, value.expiresAtMs);
    this.#nobodies.delete(key);
    keep(this.#callers, MAX_CALLERS, [key, { value, untilMs }]);
    return value;
  }

  #alive<T>(map: Map<string, Kept<T>>, key: string): Kept<T> | undefined {
    const kept = map.get(key);
    if (kept === undefined || kept.untilMs > this.#nowMs()) return kept;
    map.delete(key);
    return undefined;
  }
}

/** The oldest goes: a map keeps the order of insertion. */
function keep<T>(map: Map<string, T>, max: number, [key, value]: [string, T]): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.size > max ? map.keys() : [];
  if (oldest !== undefined) map.delete(oldest);
}

/** This isolate's. */
export const knownCallers = new KnownCallers(Date.now, (team, isHit) =>
  cacheUses.note(team, "callers", isHit),
);

/** After a change made through this isolate, so that its caller sees the effect at once. */
export function forgetCallers(team: string): void {
  knownCallers.forget(team);
}
