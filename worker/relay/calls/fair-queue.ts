/**
 * Whose turn it is on a link that carries so much at once. One principal has a share of it, and those who wait come in
 * turns, one call of each: who asks a lot waits behind their own calls and nobody else's. Pure but for the passed timer.
 */
import { MAX_IN_FLIGHT } from "#shared/link/limits.ts";

/** Of all principals together: the rest of the link stays for what is answered at once. */
export const MAX_SAMPLE_WAITS = MAX_IN_FLIGHT - 16;
/** Of one: ten event streams of an instance fit. */
const SAMPLE_WAIT_SHARE = MAX_SAMPLE_WAITS / 4;
/** Behind that, calls are refused: their callers know better than a long queue what to do. */
export const MAX_WAITING = 64;
export const MAX_WAITING_BYTES = 1024 * 1024;

export interface Entering {
  readonly principal: string;
  /** Of its parameters, in characters; asked where the call has to wait. */
  readonly size: () => number;
  /** It is held back at the relay until there are samples. */
  readonly isWait: boolean;
  /** No turn is wanted later. */
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
  /** Under way of one principal, beside calls that wait for samples. */
  readonly share: number;
  /** Calls are under way that never came by here: writes. */
  readonly others: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
}

export class FairQueue {
  readonly #parts: FairQueueParts;
  readonly #running = new Map<string, number>();
  readonly #sampleWaits = new Map<string, number>();
  /** Who has waited longest for a turn comes first. */
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

  /** Nobody waits for a turn of this tool call any more. */
  cancel(cause: string): void {
    for (const waiting of [...this.#waiting.values()].flat()) {
      if (waiting.cause === cause) this.#giveUp(waiting, "cancelled");
    }
  }

  /** A call has ended that never came by here. */
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

  /** Its principal's other calls go behind everybody's. */
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

/** Who has none is not kept. */
function change(counts: Map<string, number>, principal: string, by: 1 | -1): void {
  const count = (counts.get(principal) ?? 0) + by;
  if (count === 0) counts.delete(principal);
  else counts.set(principal, count);
}
