/**
 * Spares a host that does not answer, and spares its callers the wait. Only silence counts: requests that time out and
 * connections that can't be made or break; a refusal is an answer. Pure: the time is passed in.
 */
import { failure, type ErrorCode, type Failure } from "#shared/failure.ts";

export const MAX_FAILURES = 5;
export const OPEN_MS = 60_000;

const COUNTED: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["instance_slow", "instance_down"]);

export type BreakerState =
  | { readonly name: "closed"; readonly failures: number }
  | { readonly name: "open"; readonly untilMs: number; readonly last: Failure }
  /** One call tries. If its outcome never comes, another one may. */
  | { readonly name: "half_open"; readonly untilMs: number; readonly last: Failure };

export class Breaker {
  #state: BreakerState = { name: "closed", failures: 0 };

  get state(): BreakerState {
    return this.#state;
  }

  /** Undefined if the host may be asked. */
  refusal(nowMs: number): Failure | undefined {
    const state = this.#state;
    if (state.name === "closed") return undefined;
    if (nowMs < state.untilMs) return notAsked(state.last, state.untilMs - nowMs);
    this.#state = { name: "half_open", untilMs: nowMs + OPEN_MS, last: state.last };
    return undefined;
  }

  /** What came of a call that was let through; undefined for an answer. True: the breaker opened just now. */
  note(failed: Failure | undefined, nowMs: number): boolean {
    if (failed === undefined || !COUNTED.has(failed.code)) {
      this.close();
      return false;
    }
    const state = this.#state;
    const failures = state.name === "closed" ? state.failures + 1 : MAX_FAILURES;
    const isOpen = failures >= MAX_FAILURES;
    this.#state = isOpen
      ? { name: "open", untilMs: nowMs + OPEN_MS, last: failed }
      : { name: "closed", failures };
    return isOpen && state.name === "closed";
  }

  /** The host was heard from: it greeted, or answered. */
  close(): void {
    this.#state = { name: "closed", failures: 0 };
  }
}

function notAsked({ code, message }: Failure, leftMs: number): Failure {
  const retry_after_s = Math.ceil(leftMs / 1_000);
  return failure(
    code,
    `${message} This happened ${MAX_FAILURES} times in a row, so it is not asked for ${retry_after_s} s, unless it comes back sooner.`,
    { retry_after_s },
  );
}
