import { isJsonObject } from "#shared/json/json.ts";

/** Time that was waited already is not waited again. */
export function waitingLess(params: unknown, ms: number): unknown {
  if (!isJsonObject(params) || typeof params["wait_ms"] !== "number") return params;
  return { ...params, wait_ms: Math.max(0, Math.round(params["wait_ms"] - ms)) };
}
