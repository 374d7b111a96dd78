/**
 * How often credentials may turn out to be none: counted by the object that they name, whose id nobody can make up, and
 * by network. Beyond that the object is asked only for whom it knew lately from the same network, so that somebody behind
 * an address that many share keeps none of their redials and renewals out. In this isolate's memory.
 */
import { MinuteLimits } from "../http/minute-limits.ts";
import { RecentKeys } from "../recent-keys.ts";
import { TooManyTriesError } from "./too-many-tries-error.ts";

const FAILURES_PER_MINUTE = 60;

export interface Tried {
  /** Of the object. */
  readonly at: string;
  /** The `senderNetwork`. */
  readonly from: string;
  /** Whose credential it says it is: that of a grant or a relay is another each time. */
  readonly as: string;
  /** `as` is the credential itself: refused, it is known no more, and again it is no other try. */
  readonly isWhole: boolean;
}

export class FailedTries {
  readonly #nowMs: () => number;
  readonly #failed = new MinuteLimits(FAILURES_PER_MINUTE);
  readonly #again = new MinuteLimits(1);
  readonly #good = new RecentKeys();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Throws where it may not be asked. */
  async ask<T>(tried: Tried, ask: () => Promise<T>, isRefusal: (answer: T) => boolean): Promise<T> {
    const { at, from, as, isWhole } = tried;
    const place = `${at} ${from}`;
    const known = `${as} ${from}`;
    const waitS = this.#good.has(known) ? 0 : this.#failed.waitS(place, this.#nowMs());
    if (waitS > 0) throw new TooManyTriesError(waitS);
    const answer = await ask();
    if (!isRefusal(answer)) {
      this.#good.add(known);
      return answer;
    }
    if (isWhole) this.#good.delete(known);
    const nowMs = this.#nowMs();
    if (!isWhole || this.#again.take(known, nowMs) === 0) this.#failed.take(place, nowMs);
    return answer;
  }
}

/** Of this isolate. */
export const failedTries = new FailedTries(Date.now);
