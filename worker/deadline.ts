/**
 * One deadline for everything that a call asks of objects: later and repeated questions get what time is left. It
 * ends the wait for an object that hangs; if the caller goes away, the objects are told so (`WorkerCalls.leave`).
 */
import { after } from "./after.ts";
import { GoneError } from "./gone-error.ts";
import { LateError } from "./late-error.ts";
import { readTwice } from "./read-twice.ts";

/** Kept back from an object's own time, so that what it answers at the end of it still arrives. */
const WAY_BACK_MS = 250;

/** Nearly every answer arrives sooner. */
const LONG_MS = 1_000;

interface DeadlineOptions {
  /** Nobody waits for the answer any more. */
  readonly isGone?: () => boolean;
  /** An answer takes longer than most. */
  readonly onLong?: (() => void) | undefined;
  /** The prefix of its calls' ids. */
  readonly call?: string | undefined;
  readonly nowMs?: () => number;
  readonly timer?: typeof after;
}

export class Deadline {
  readonly #endsAtMs: number;
  readonly #isGone: () => boolean;
  readonly #onLong: (() => void) | undefined;
  readonly #call: string | undefined;
  readonly #nowMs: () => number;
  readonly #timer: typeof after;

  constructor(
    withinMs: number,
    { isGone = () => false, onLong, call, nowMs = Date.now, timer = after }: DeadlineOptions = {},
  ) {
    this.#nowMs = nowMs;
    this.#timer = timer;
    this.#endsAtMs = nowMs() + withinMs;
    this.#isGone = isGone;
    this.#onLong = onLong;
    this.#call = call;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - this.#nowMs());
  }

  /** For an object that keeps a deadline of its own. */
  get objectMs(): number {
    return Math.max(1, this.leftMs - WAY_BACK_MS);
  }

  /** Throws `LateError` if no answer comes in time. Asks nothing if it is too late or nobody waits. */
  async ask<T>(ask: () => Promise<T>): Promise<T> {
    const { leftMs } = this;
    if (this.#isGone()) throw new GoneError();
    if (leftMs === 0) throw new LateError();
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const wait = (ms: number, run: () => void) => (cancel = this.#timer(ms, run));
      const end = () => reject(new LateError());
      const onLong = this.#onLong;
      if (onLong === undefined || leftMs <= LONG_MS) return wait(leftMs, end);
      return wait(LONG_MS, () => {
        wait(this.leftMs, end);
        onLong();
      });
    });
    try {
      return await Promise.race([ask(), late]);
    } finally {
      cancel();
    }
  }

  read<T>(read: () => Promise<T>): Promise<T> {
    return readTwice(() => this.ask(read), { call: this.#call });
  }
}
