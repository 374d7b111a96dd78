/**
 * A client that runs twice refreshes twice at once, each time with the same token. Each time it gets the same
 * answer; otherwise all but the last of its copies would be left with a token that is no longer valid. Kept in memory,
 * for seconds, and only while nothing newer was issued.
 */
import type { TokenAnswer } from "./team-rpc.ts";

const KEPT_MS = 10_000;

interface Kept {
  readonly hash: string;
  readonly answer: TokenAnswer;
  readonly refreshTokenId: string;
  readonly endMs: number;
}

export interface RefreshRequest {
  readonly grant: string;
  /** A hash of the whole request: only an identical request gets the same answer. */
  readonly hash: string;
}

export class RepeatedRefreshes {
  readonly #kept = new Map<string, Kept>();

  /** `refreshTokenId`: the grant's current one; undefined: the grant is gone. */
  answerTo(
    { grant, hash }: RefreshRequest,
    refreshTokenId: string | undefined,
    nowMs: number,
  ): TokenAnswer | undefined {
    const kept = this.#kept.get(grant);
    const isSame = kept?.hash === hash && kept.refreshTokenId === refreshTokenId;
    return isSame && kept.endMs > nowMs ? kept.answer : undefined;
  }

  keep(
    { grant, hash }: RefreshRequest,
    { answer, refreshTokenId }: { answer: TokenAnswer; refreshTokenId: string | undefined },
    nowMs: number,
  ): void {
    for (const [key, { endMs }] of this.#kept) if (endMs <= nowMs) this.#kept.delete(key);
    if (answer.status !== 200 || refreshTokenId === undefined) return;
    this.#kept.set(grant, { hash, answer, refreshTokenId, endMs: nowMs + KEPT_MS });
  }
}
