/**
 * One moment for everything that a call asks on its way: what is asked later, or again, has what is left. An object
 * that hangs ends it; of a caller that went, its objects are told (`WorkerCalls.leave`).
 */
import { after } from "./after.ts";
import { GoneError } from "./gone-error.ts";
import { LateError } from "./late-error.ts";
import { readTwice } from "./read-twice.ts";

/** Of what an object may take, so that what it says at its end is heard. */
const WAY_BACK_MS = 250;

interface DeadlineOptions {
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
  /** How the ids of its calls begin. */
  readonly call?: string | undefined;
  readonly nowMs?: () => number;
  readonly timer?: typeof after;
}

export class Deadline {
  readonly #endsAtMs: number;
  readonly #signal: AbortSignal | undefined;
  readonly #call: string | undefined;
  readonly #nowMs: () => number;
  readonly #timer: typeof after;

  constructor(
    withinMs: number,
    { signal, call, nowMs = Date.now, timer = after }: DeadlineOptions = {},
  ) {
    this.#nowMs = nowMs;
    this.#timer = timer;
    this.#endsAtMs = nowMs() + withinMs;
    this.#signal = signal;
    this.#call = call;
  }

  get leftMs(): number {
    return Math.max(0, this.#endsAtMs - this.#nowMs());
  }

  /** For an object that keeps a deadline of its own. */
  get objectMs(): number {
    return Math.max(1, this.leftMs - WAY_BACK_MS);
  }

  /** Throws `LateError` where no answer comes in time, and asks nothing that comes too late or is for nobody. */
  async ask<T>(ask: () => Promise<T>): Promise<T> {
    const { leftMs } = this;
    if (this.#signal?.aborted === true) throw new GoneError();
    if (leftMs === 0) throw new LateError();
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      cancel = this.#timer(leftMs, () => reject(new LateError()));
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
