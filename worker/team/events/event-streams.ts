/**
 * The streams that are open in a team, and how those that wait are woken. In memory: an object that is reset loses
 * them, and each is noted again with its next question. Pure.
 */

/** Enough for a person's tools; a tool that opens streams without closing them is stopped here. */
export const MAX_STREAMS_PER_PRINCIPAL = 10;

/** For all principals: each stream has a question waiting at this object. */
const MAX_STREAMS = 500;

/** A stream asks again at once, and reports its end. If it does neither within this time, its isolate is gone. */
const LEFT_MS = 10_000;

/** Why a wait ended. */
export type Woken = "news" | "time" | "replaced";

interface Stream {
  readonly principal: string;
  untilMs: number;
  /** Wakes the question that waits. */
  wake: (why: Woken) => void;
}

export interface StreamsClock {
  readonly nowMs: () => number;
  /** Calls `run` after `ms`, unless it is cancelled. */
  readonly after: (ms: number, run: () => void) => () => void;
}

export class EventStreams {
  readonly #streams = new Map<string, Stream>();
  readonly #clock: StreamsClock;

  constructor(clock: StreamsClock) {
    this.#clock = clock;
  }

  /** 0, or in how many seconds there may be room. The stream that it resumes gives up its place. */
  open(principal: string, stream: string, resumes: string | null): number {
    const nowMs = this.#clock.nowMs();
    for (const [id, { untilMs }] of this.#streams) if (untilMs <= nowMs) this.#streams.delete(id);
    if (resumes !== null && this.#streams.get(resumes)?.principal === principal) {
      this.#streams.get(resumes)?.wake("replaced");
      this.#streams.delete(resumes);
    }
    // Asked again because the answer was lost, it is no other stream.
    this.#streams.delete(stream);
    const own = [...this.#streams.values()].filter((one) => one.principal === principal);
    if (own.length >= MAX_STREAMS_PER_PRINCIPAL || this.#streams.size >= MAX_STREAMS) {
      const firstMs = Math.min(...own.map(({ untilMs }) => untilMs), nowMs + LEFT_MS);
      return Math.max(1, Math.ceil((firstMs - nowMs) / 1000));
    }
    this.#streams.set(stream, { principal, untilMs: nowMs + LEFT_MS, wake: () => {} });
    return 0;
  }

  /** Until there is news, or another stream has replaced this one. */
  async wait(principal: string, stream: string, waitMs: number): Promise<Woken> {
    const isNoted = this.#streams.has(stream) || this.open(principal, stream, null) === 0;
    const waiting = this.#streams.get(stream);
    if (!isNoted || waiting === undefined) return "replaced";
    const { nowMs, after } = this.#clock;
    // If the same question waits already, nobody takes its answer any more.
    waiting.wake("replaced");
    waiting.untilMs = nowMs() + waitMs + LEFT_MS;
    const why = await new Promise<Woken>((resolve) => {
      const cancel = after(waitMs, () => resolve("time"));
      waiting.wake = (woken) => {
        cancel();
        resolve(woken);
      };
    });
    if (why !== "replaced") waiting.untilMs = nowMs() + LEFT_MS;
    return why;
  }

  /** The reader is gone; frees its place. */
  leave(principal: string, stream: string): void {
    const left = this.#streams.get(stream);
    if (left?.principal !== principal) return;
    this.#streams.delete(stream);
    left.wake("replaced");
  }

  /** Wakes all questions to look for news. */
  wake(): void {
    for (const { wake } of this.#streams.values()) wake("news");
  }
}
