/** What to do after a dial failed or a link ended: the one place that decides it. Pure. */
import { CLOSE_CODES, closeNameOf } from "#shared/link/close-code.ts";

export type DialFailure =
  /** The upgrade got another answer, from the worker or from something in front of it. */
  | {
      readonly type: "status";
      readonly status: number;
      /** The worker's own code; undefined if the answer is not the worker's. */
      readonly refusal: string | undefined;
      readonly retryAfterMs: number | undefined;
      /** The worker's clock, if it refused only because of ours. */
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
  const { status, refusal, retryAfterMs = 0, serverTimeMs } = failure;
  if (status === 401 && serverTimeMs !== undefined)
    return { type: "retry_with_clock", serverTimeMs };
  const advice = STOPPING_REFUSALS.get(`${status} ${refusal}`);
  if (advice !== undefined) return { type: "stop", advice };
  const why =
    refusal === undefined
      ? `the dial was answered ${status}, not in a worker's words`
      : `the worker answered ${status} (${refusal})`;
  return { type: "retry", floorMs: retryAfterMs, why };
}

/**
 * What the worker says of this relay does not change by asking again. A proxy or firewall in front of it that answers
 * 401 or 403, or drops the upgrade (426), is fixed without anybody going to the gateway.
 */
const STOPPING_REFUSALS: ReadonlyMap<string, string> = new Map([
  ["401 unauthorized", CLOSE_CODES.unauthorized.advice],
  ["410 revoked", CLOSE_CODES.revoked.advice],
]);

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
