/**
 * Links that ended right after they began: those of a relay that dials in a loop, or whose line carries nothing.
 * Each costs its object a session and some writes, so after several the relay has to wait. A relay that an
 * operator restarts is not affected, nor is one whose working line broke.
 *
 * In memory only: an object that forgot has slept, so nobody dialed meanwhile.
 */
import type { Env } from "../../env.ts";
import { numberSetting } from "../../number-setting.ts";

/** A link that lived less than this is short. */
const SHORT_MS = 3_000;
/** A relay's own backoff begins nine or ten in its worst minute, on average. */
const DEFAULT_MAX = 12;
const WITHIN_MS = 60_000;

export class ShortLinks {
  readonly #max: number;
  #begunAtMs: number | undefined;
  /** The end times of the newest short links, oldest first. */
  #endedAtMs: readonly number[] = [];

  /** Short links per minute; 0 is no limit. */
  constructor(max: number) {
    this.#max = max;
  }

  begin(nowMs: number): void {
    this.#begunAtMs = nowMs;
  }

  /** The link that began last has ended. */
  end(nowMs: number): void {
    const isShort = this.#begunAtMs !== undefined && nowMs - this.#begunAtMs < SHORT_MS;
    this.#begunAtMs = undefined;
    if (isShort && this.#max > 0) this.#endedAtMs = [...this.#endedAtMs, nowMs].slice(-this.#max);
  }

  /** How long the relay has to wait; 0 if it need not. A time in the future is from before the clock was set back. */
  waitMs(nowMs: number): number {
    const [oldest = 0] = this.#endedAtMs;
    if (this.#max === 0 || this.#endedAtMs.length < this.#max) return 0;
    return Math.max(0, Math.min(oldest, nowMs) + WITHIN_MS - nowMs);
  }
}

export function shortLinksOf({
  SHORT_LINKS_PER_MINUTE,
}: Pick<Env, "SHORT_LINKS_PER_MINUTE">): ShortLinks {
  return new ShortLinks(numberSetting(SHORT_LINKS_PER_MINUTE, DEFAULT_MAX));
}
