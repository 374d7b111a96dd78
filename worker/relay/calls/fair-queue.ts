/**
 * Whose turn it is on a link that carries a limited number of calls at once. Each principal has a share of it.
 * Those waiting take turns, one call each: a principal that asks a lot waits only for its own calls. Pure, except
 * for the passed timer.
 */
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";

/** Of all principals together: the rest of the link stays free for calls that are answered at once. */
export const MAX_SAMPLE_WAITS = MAX_IN_FLIGHT - 16;
/** Of one principal: ten event streams of an instance fit. */
const SAMPLE_WAIT_SHARE = MAX_SAMPLE_WAITS / 4;
/** Beyond this, calls are refused: a caller can do more about it than a long queue could. */
export const MAX_WAITING = 64;
export const MAX_WAITING_BYTES = 1024 * 1024;

export interface Entering {
  readonly principal: string;
  /** Size of its parameters, in characters; only asked for if the call has to wait. */
  readonly size: () => number;
  /** The relay holds it back until there are samples. */
  readonly isWait: boolean;
  /** After this long, a turn is no longer wanted. */
  readonly withinMs: number;
  /** The tool call that `cancel` names. */
  readonly cause?: string | undefined;
}

export type Turn =
  | { readonly type: "go"; readonly leave: () => void }
  | { readonly type: "full" }
  | { readonly type: "too_late" }
  | { readonly type: "cancelled" };

interface Waiting {
  readonly principal: string;
  readonly cause: string | undefined;
  readonly size: number;
  readonly settle: (turn: Turn) => void;
  readonly cancel: () => void;
}

export interface FairQueueParts {
  /** How many calls one principal may have in progress, besides those that wait for samples. */
  readonly share: number;
  /** How many calls are in progress that did not pass through here: writes. */
  readonly others: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
}

export class FairQueue {
  readonly #parts: FairQueueParts;
  readonly #running = new Map<string, number>();
  readonly #sampleWaits = new Map<string, number>();
  /** By principal, the one that has waited longest for a turn first. */
  readonly #waiting = new Map<string, Waiting[]>();
  #count = { running: 0, sampleWaits: 0, waiting: 0, bytes: 0 };

  constructor(parts: FairQueueParts) {
    this.#parts = parts;
  }

  enter({ principal, size: sizeOf, isWait, withinMs, cause }: Entering): Promise<Turn> {
    if (isWait) return Promise.resolve(this.#enterWait(principal));
    if (this.#hasRoom() && this.#hasShare(principal)) return Promise.resolve(this.#go(principal));
    const size = sizeOf();
    const isFull =
      this.#count.waiting >= MAX_WAITING || this.#count.bytes + size > MAX_WAITING_BYTES;
    if (isFull) return Promise.resolve({ type: "full" });
    return new Promise((settle) => {
      const cancel = this.#parts.after(withinMs, () => this.#giveUp(waiting, "too_late"));
      const waiting = { principal, cause, size, settle, cancel };
      this.#waiting.set(principal, [...(this.#waiting.get(principal) ?? []), waiting]);
      this.#count.waiting += 1;
      this.#count.bytes += size;
    });
  }

  /** Nobody waits any more for a turn of this tool call. */
  cancel(cause: string): void {
    for (const waiting of [...this.#waiting.values()].flat()) {
      if (waiting.cause === cause) this.#giveUp(waiting, "cancelled");
    }
  }

  /** A call that did not pass through here has ended. */
  look(): void {
    this.#next();
  }

  #enterWait(principal: string): Turn {
    const isTooMany =
      this.#count.sampleWaits >= MAX_SAMPLE_WAITS ||
      (this.#sampleWaits.get(principal) ?? 0) >= SAMPLE_WAIT_SHARE;
    if (isTooMany || !this.#hasRoom()) return { type: "full" };
    this.#count.sampleWaits += 1;
    change(this.#sampleWaits, principal, 1);
    return {
      type: "go",
      leave: this.#once(() => {
        this.#count.sampleWaits -= 1;
        change(this.#sampleWaits, principal, -1);
      }),
    };
  }

  #go(principal: string): Turn {
    this.#count.running += 1;
    change(this.#running, principal, 1);
    return {
      type: "go",
      leave: this.#once(() => {
        this.#count.running -= 1;
        change(this.#running, principal, -1);
      }),
    };
  }

  #once(leave: () => void): () => void {
    let isThere = true;
    return () => {
      if (!isThere) return;
      isThere = false;
      leave();
      this.#next();
    };
  }

  #next(): void {
    while (this.#hasRoom()) {
      const principal = [...this.#waiting.keys()].find((one) => this.#hasShare(one));
      const waiting = principal === undefined ? undefined : this.#waiting.get(principal)?.[0];
      if (waiting === undefined) return;
      this.#take(waiting);
      waiting.settle(this.#go(waiting.principal));
    }
  }

  #giveUp(waiting: Waiting, type: "too_late" | "cancelled"): void {
    this.#take(waiting);
    waiting.settle({ type });
  }

  /** The principal's remaining calls move behind everybody else's. */
  #take(waiting: Waiting): void {
    const { principal, size, cancel } = waiting;
    cancel();
    const rest = (this.#waiting.get(principal) ?? []).filter((one) => one !== waiting);
    this.#waiting.delete(principal);
    if (rest.length > 0) this.#waiting.set(principal, rest);
    this.#count.waiting -= 1;
    this.#count.bytes -= size;
  }

  #hasRoom(): boolean {
    const { running, sampleWaits } = this.#count;
    return running + sampleWaits + this.#parts.others() < MAX_IN_FLIGHT;
  }

  #hasShare(principal: string): boolean {
    return (this.#running.get(principal) ?? 0) < this.#parts.share;
  }
}

/** A principal without any is not kept. */
function change(counts: Map<string, number>, principal: string, by: 1 | -1): void {
  const count = (counts.get(principal) ?? 0) + by;
  if (count === 0) counts.delete(principal);
  else counts.set(principal, count);
}
