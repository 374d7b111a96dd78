/** How often one caller may ask `/api/v1`, apart from its calls at `/mcp`: what is read there can be long. */
import { callerLimits, callerLimitsOf } from "../mcp/caller/caller-limits.ts";
import type { Env } from "../env.ts";
import type { Caller } from "./caller.ts";

/** 0 if it may go ahead and is counted, else the seconds until it may. The operator may always. */
export function apiWaitS(
  caller: Caller,
  env: Pick<Env, "CALLS_PER_MINUTE" | "CALLS_IN_FLIGHT">,
  nowMs: number,
): number {
  const name = nameOf(caller);
  if (name === undefined) return 0;
  // A request that its caller drops would never give its place back.
  const limits = { ...callerLimitsOf(env), inFlight: 0 };
  const begun = callerLimits.begin(`api ${name}`, limits, nowMs);
  if (!begun.ok) return begun.error.retryAfterS;
  begun.value();
  return 0;
}

function nameOf(caller: Caller): string | undefined {
  switch (caller.type) {
    case "operator":
      return undefined;
    case "token":
      return `${caller.teamId} ${caller.principal}`;
    case "person":
      return caller.session.accountId;
  }
}
