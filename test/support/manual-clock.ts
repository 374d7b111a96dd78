/** Time that a test moves by hand. */
import type { Clock } from "../../relay/clock.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Not zero, so that a duration taken for a time, or the reverse, shows. */
const START_MS = 10_000;

/** Far from where the monotonic clock starts, for the same reason. */
const START_WALL_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

export class ManualClock implements Clock {
  #nowMs = START_MS;
  #wallOffsetMs = START_WALL_MS - START_MS;
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return this.#nowMs + this.#wallOffsetMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many calls are still to come. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** From now to the earliest call; undefined if none is to come. */
  get nextInMs(): number | undefined {
    const dues = Array.from(this.#timers, ({ dueMs }) => dueMs);
    return dues.length === 0 ? undefined : Math.min(...dues) - this.#nowMs;
  }

  /** True if a call is to come in exactly that time: how a test sees that somebody waits. */
  isDueIn(ms: number): boolean {
    return Array.from(this.#timers).some(({ dueMs }) => dueMs === this.#nowMs + ms);
  }

  /** Calls back whatever falls due, in order, each at its own time. */
  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (let timer = this.#dueBy(endMs); timer !== undefined; timer = this.#dueBy(endMs)) {
      this.#timers.delete(timer);
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs);
      timer.callback();
    }
    this.#nowMs = endMs;
  }

  /** As when somebody sets the device's clock: only the wall clock moves. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #dueBy(endMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (first === undefined || timer.dueMs < first.dueMs)) first = timer;
    }
    return first;
  }
}
