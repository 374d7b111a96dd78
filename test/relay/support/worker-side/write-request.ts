/** A write as an instance takes it: approved, in time, and waited for. */
import { randomBytes } from "node:crypto";
import type { JsonValue } from "#shared/json/json.ts";
import type { WriteRequest } from "../../../../relay/instances/writing/write-check.ts";

export const WRITE_TIMEOUT_MS = 5_000;

export function writeOf(
  value: JsonValue,
  more: Partial<Omit<WriteRequest, "row">> = {},
): Omit<WriteRequest, "row"> & { readonly timeoutMs: number } {
  return {
    callId: randomBytes(16).toString("hex"),
    value,
    approval: "human",
    isDryRun: false,
    skipsValidation: false,
    limits: [],
    notAfterMs: Number.POSITIVE_INFINITY,
    timeoutMs: WRITE_TIMEOUT_MS,
    signal: new AbortController().signal,
    ...more,
  };
}
