/**
 * Hashes of tokens that were shown in the last minute: to hash a token costs a call more than what is then looked up
 * by it. Tokens are kept nowhere else, and here in the isolate's memory only.
 */
import { hashSecret } from "./secret.ts";

/** Each is kept for one to two of these. */
const TURN_MS = 30_000;

/** Anybody can send tokens, each of 4 KiB at most. */
const MAX_TOKENS = 500;

export class TokenHashes {
  readonly #nowMs: () => number;
  readonly #hash: typeof hashSecret;
  #latest = new Map<string, string>();
  #before: ReadonlyMap<string, string> = new Map();
  #turnsAtMs = 0;

  constructor(nowMs: () => number, hash = hashSecret) {
    this.#nowMs = nowMs;
    this.#hash = hash;
  }

  async of(token: string): Promise<string> {
    this.#turn();
    const latest = this.#latest.get(token);
    if (latest !== undefined) return latest;
    const hash = this.#before.get(token) ?? (await this.#hash(token));
    this.#latest.set(token, hash);
    return hash;
  }

  #turn(): void {
    const nowMs = this.#nowMs();
    if (nowMs < this.#turnsAtMs && this.#latest.size < MAX_TOKENS) return;
    this.#before = nowMs < this.#turnsAtMs + TURN_MS ? this.#latest : new Map();
    this.#latest = new Map();
    this.#turnsAtMs = nowMs + TURN_MS;
  }
}
