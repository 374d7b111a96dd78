/**
 * Unix time over the monotonic clock. It follows the wall clock only if that was set, or the machine slept: rereading
 * it each time would give one sample several different times.
 */
import type { Clock } from "../clock.ts";

/** More than the two clocks drift apart between two readings. */
const STEP_MS = 1_000;

export class SessionClock {
  /** On the monotonic clock. */
  readonly startMs: number;
  readonly #clock: Pick<Clock, "monotonicMs" | "wallMs">;
  #startedAtMs: number;

  constructor(clock: Pick<Clock, "monotonicMs" | "wallMs">) {
    this.#clock = clock;
    this.startMs = clock.monotonicMs();
    this.#startedAtMs = clock.wallMs();
  }

  /** The start in Unix milliseconds. */
  startedAtMs(): number {
    const startedAtMs = this.#clock.wallMs() - this.#elapsedMs();
    if (Math.abs(startedAtMs - this.#startedAtMs) > STEP_MS) this.#startedAtMs = startedAtMs;
    return this.#startedAtMs;
  }

  /** Unix milliseconds. */
  nowMs(): number {
    return this.startedAtMs() + this.#elapsedMs();
  }

  #elapsedMs(): number {
    return this.#clock.monotonicMs() - this.startMs;
  }
}
