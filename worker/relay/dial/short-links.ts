/**
 * Links that ended right behind their beginning: those of a relay that dials in a loop, or whose line carries
 * nothing. Each costs its object a session and some writes, so after some the relay has to wait. One that an
 * operator starts again does not count, nor one that a working line lost.
 *
 * Only in memory: an object that forgets has slept, and nobody dialed meanwhile.
 */
import type { Env } from "../../env.ts";
import { numberSetting } from "../../number-setting.ts";

/** Of its life. */
const SHORT_MS = 3_000;
/** A relay's own backoff lets it begin nine or ten in its worst minute, on average. */
const DEFAULT_MAX = 12;
const WITHIN_MS = 60_000;

export class ShortLinks {
  readonly #max: number;
  #begunAtMs: number | undefined;
  /** The newest of them, oldest first. */
  #endedAtMs: readonly number[] = [];

  /** Within a minute; 0 is no limit. */
  constructor(max: number) {
    this.#max = max;
  }

  begin(nowMs: number): void {
    this.#begunAtMs = nowMs;
  }

  /** Of the link that began last. */
  end(nowMs: number): void {
    const isShort = this.#begunAtMs !== undefined && nowMs - this.#begunAtMs < SHORT_MS;
    this.#begunAtMs = undefined;
    if (isShort && this.#max > 0) this.#endedAtMs = [...this.#endedAtMs, nowMs].slice(-this.#max);
  }

  /** How long the relay has to wait; 0 if it need not. */
  waitMs(nowMs: number): number {
    const [oldest = 0] = this.#endedAtMs;
    if (this.#max === 0 || this.#endedAtMs.length < this.#max) return 0;
    return Math.max(0, oldest + WITHIN_MS - nowMs);
  }
}

export function shortLinksOf({
  SHORT_LINKS_PER_MINUTE,
}: Pick<Env, "SHORT_LINKS_PER_MINUTE">): ShortLinks {
  return new ShortLinks(numberSetting(SHORT_LINKS_PER_MINUTE, DEFAULT_MAX));
}
