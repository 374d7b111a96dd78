/**
 * How often a principal may ask this relay, counted as the device does (`rate_limit`): each question counts,
 * except those that wait at the relay for samples. There are many isolates, each counting for itself; a relay has
 * one object.
 *
 * In memory only: a principal that leaves the object alone until it sleeps, ten seconds, has a whole minute's
 * calls again; the device's own count does not sleep. A question repeated because its object was reset counts
 * once.
 */
import { failure } from "#shared/failure.ts";
import type { Env } from "../../env.ts";
import { numberSetting } from "../../number-setting.ts";
import { RateBuckets } from "./rate-buckets.ts";
import type { Failed } from "../rpc.ts";

const DEFAULT_PER_MINUTE = 100;

export class CallRates {
  readonly #perMinute: number;
  readonly #buckets = new RateBuckets();

  /** 0 is no limit. */
  constructor(perMinute: number) {
    this.#perMinute = perMinute;
  }

  /** Undefined: the call may go ahead, and is counted. */
  take(principal: string, nowMs: number): Failed | undefined {
    if (this.#perMinute === 0) return undefined;
    const waitMs = this.#buckets.of(principal, this.#perMinute, nowMs).take(nowMs);
    if (waitMs === 0) return undefined;
    return {
      ok: false,
      failure: failure("rate_limited", TOO_OFTEN, { retry_after_s: Math.ceil(waitMs / 1000) }),
    };
  }

  /** For a call that has to be asked again. */
  giveBack(principal: string, nowMs: number): void {
    if (this.#perMinute > 0) this.#buckets.of(principal, this.#perMinute, nowMs).giveBack();
  }
}

export function callRatesOf({
  RELAY_CALLS_PER_MINUTE,
}: Pick<Env, "RELAY_CALLS_PER_MINUTE">): CallRates {
  return new CallRates(numberSetting(RELAY_CALLS_PER_MINUTE, DEFAULT_PER_MINUTE));
}

const TOO_OFTEN =
  "The worker limits one caller's calls to one relay per minute (RELAY_CALLS_PER_MINUTE). Nothing was done.";
