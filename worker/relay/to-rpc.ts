/** A result in the form that crosses an RPC: a plain value, or the failure. */
import type { Failure } from "#shared/failure.ts";
import type { Result } from "#shared/result.ts";
import type { Failed } from "./rpc.ts";

export function toRpc<T, A extends object>(
  result: Result<T, Failure>,
  toAnswer: (value: T) => A,
): ({ readonly ok: true } & A) | Failed {
  if (!result.ok) return { ok: false, failure: result.error };
  return { ok: true, ...toAnswer(result.value) };
}
