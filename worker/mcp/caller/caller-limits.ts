/**
 * How much one principal may ask of this isolate, so that a client in a loop leaves others their share. What a
 * device bears is counted at the device (`rate_limit`), which does not forget.
 */
import { RateLimit } from "#shared/access/rate-limit.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Env } from "../../env.ts";
import { numberSetting } from "../../number-setting.ts";

const DEFAULT_CALLS_PER_MINUTE = 120;
/** More than assistants ask in parallel. */
export const DEFAULT_CALLS_IN_FLIGHT = 8;

/** Each principal needs a valid token; beyond this many, the one idle for the longest is forgotten. */
const MAX_PRINCIPALS = 10_000;

export interface CallerLimitSettings {
  /** 0: no limit. */
  readonly perMinute: number;
  readonly inFlight: number;
}

export function callerLimitsOf({
  CALLS_PER_MINUTE,
  CALLS_IN_FLIGHT,
}: Pick<Env, "CALLS_PER_MINUTE" | "CALLS_IN_FLIGHT">): CallerLimitSettings {
  return {
    perMinute: numberSetting(CALLS_PER_MINUTE, DEFAULT_CALLS_PER_MINUTE),
    inFlight: numberSetting(CALLS_IN_FLIGHT, DEFAULT_CALLS_IN_FLIGHT),
  };
}

interface Caller {
  readonly rate: RateLimit;
  inFlight: number;
}

/** Which limit was exceeded, and when there is room again. */
export interface Excess {
  readonly what: "per_minute" | "in_flight";
  readonly retryAfterS: number;
}

export class CallerLimits {
  readonly #maxPrincipals: number;
  /** With calls in flight. */
  readonly #busy = new Map<string, Caller>();
  /** Those idle for the longest come first. */
  readonly #idle = new Map<string, Caller>();

  constructor(maxPrincipals = MAX_PRINCIPALS) {
    this.#maxPrincipals = maxPrincipals;
  }

  /**
   * Admits the calls, one at least. The returned function must be called once they have ended; repeating it does
   * nothing.
   */
  begin(
    principal: string,
    { perMinute, inFlight }: CallerLimitSettings,
    nowMs: number,
    calls = 1,
  ): Result<() => void, Excess> {
    const caller = this.#busy.get(principal) ??
      this.#idle.get(principal) ?? { rate: new RateLimit(perMinute, nowMs), inFlight: 0 };
    if (inFlight > 0 && caller.inFlight + Math.min(calls, inFlight) > inFlight) {
      return err({ what: "in_flight", retryAfterS: 1 });
    }
    const waitMs = perMinute > 0 ? caller.rate.take(nowMs, calls) : 0;
    if (waitMs === 0) caller.inFlight += calls;
    this.#place(principal, caller);
    if (waitMs > 0) return err({ what: "per_minute", retryAfterS: Math.ceil(waitMs / 1_000) });
    let isOpen = true;
    return ok(() => {
      if (!isOpen) return;
      isOpen = false;
      caller.inFlight -= calls;
      this.#place(principal, caller);
    });
  }

  #place(principal: string, caller: Caller): void {
    this.#idle.delete(principal);
    if (caller.inFlight > 0) this.#busy.set(principal, caller);
    else {
      this.#busy.delete(principal);
      this.#idle.set(principal, caller);
    }
    if (this.#busy.size + this.#idle.size > this.#maxPrincipals) this.#forgetLongestIdle();
  }

  #forgetLongestIdle(): void {
    for (const principal of this.#idle.keys()) {
      this.#idle.delete(principal);
      return;
    }
  }
}

/** This isolate's. */
export const callerLimits = new CallerLimits();

export async function untilAnswered(
  end: () => void,
  answer: () => Promise<Response>,
): Promise<Response> {
  try {
    return endingWith(await answer(), end);
  } catch (error) {
    end();
    throw error;
  }
}

/** Ends the call with its answer; if that is a stream, with its last byte, or where it breaks off or is left. */
export function endingWith(response: Response, end: () => void): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  // Asked last: the platform makes a stream for who asks for the body.
  if (!isStream || response.body === null) {
    end();
    return response;
  }
  const reader = response.body.getReader();
  reader.closed.then(end, end);
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await reader.read();
        if (next.done) controller.close();
        else controller.enqueue(next.value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}
