/** What to do after a dial failed or a link ended: the one place that decides it. Pure. */
import { CLOSE_CODES, closeNameOf } from "#shared/link/close-code.ts";

export type DialFailure =
  /** The worker answered the upgrade with something else. */
  | {
      readonly type: "status";
      readonly status: number;
      readonly retryAfterMs: number | undefined;
      /** The worker's clock, where it refused only because of ours. */
      readonly serverTimeMs: number | undefined;
    }
  | { readonly type: "unreachable"; readonly reason: string };

export type RetryOrStop =
  | { readonly type: "retry"; readonly floorMs: number; readonly why: string }
  | { readonly type: "stop"; readonly advice: string };

export type NextStep =
  | RetryOrStop
  /** Dial at once with the clock set right; only ever once in a row. */
  | { readonly type: "retry_with_clock"; readonly serverTimeMs: number };

/** After `replaced` both sides would take the link from each other forever. */
const REPLACED_WAIT_MS = 30_000;

export function afterDialFailure(failure: DialFailure): NextStep {
  if (failure.type === "unreachable") {
    return { type: "retry", floorMs: 0, why: failure.reason };
  }
  const { status, retryAfterMs = 0, serverTimeMs } = failure;
  if (status === 401 && serverTimeMs !== undefined)
    return { type: "retry_with_clock", serverTimeMs };
  const advice = STOPPING_STATUSES[status];
  if (advice !== undefined) return { type: "stop", advice };
  return { type: "retry", floorMs: retryAfterMs, why: `the worker answered ${status}` };
}

/** Answers that stay the same however often one asks. */
const STOPPING_STATUSES: Readonly<Record<number, string>> = {
  401: CLOSE_CODES.unauthorized.advice,
  403: CLOSE_CODES.unauthorized.advice,
  410: CLOSE_CODES.revoked.advice,
  426: CLOSE_CODES.unsupported_version.advice,
};

export function afterClose(code: number): RetryOrStop {
  const name = closeNameOf(code);
  if (name === undefined) return { type: "retry", floorMs: 0, why: `the link broke (${code})` };
  const { next, advice } = CLOSE_CODES[name];
  switch (next) {
    case "retry":
      return { type: "retry", floorMs: 0, why: advice };
    case "retry_later":
      return { type: "retry", floorMs: REPLACED_WAIT_MS, why: advice };
    case "stop":
      return { type: "stop", advice };
  }
}
