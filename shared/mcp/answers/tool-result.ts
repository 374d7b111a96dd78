/** Outcomes as MCP tool results. Text and structured content hold the same JSON: clients show either. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Failure, FailureDetails } from "../../failure.ts";
import type { JsonObject } from "../../json/json.ts";
import { byteLength } from "./fit.ts";
import { DEFAULT_RESULT_BYTES, MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "./presentable.ts";
import { withRecovery } from "./recovery.ts";

export function toToolResult({
  output,
  failed = false,
  text = JSON.stringify(output),
}: {
  readonly output: JsonObject;
  readonly failed?: boolean;
  /** `output` as JSON, if that is made already. */
  readonly text?: string;
}): CallToolResult {
  return {
    content: [{ type: "text", text }],
    structuredContent: { ...output },
    isError: failed,
  };
}

/** A tool error, so that the model can read it and try something else. */
export function toErrorResult(reason: Failure): CallToolResult {
  const output = { error: presentableFailure(withRecovery(reason)) };
  return toToolResult({ output, failed: true });
}

const MAX_MESSAGE_LENGTH = 1_500;
const MAX_NAMES = 20;

/** A failure may come from a device: its texts are data like any other. */
export function presentableFailure({ code, message, details = {} }: Failure): JsonObject {
  const shown = { code, message: presentableText(message, MAX_MESSAGE_LENGTH) };
  const full = { ...shown, ...presentableDetails(details) };
  return byteLength(full) <= DEFAULT_RESULT_BYTES / 2 ? full : shown;
}

function presentableDetails({
  nearest,
  candidates,
  offline_since,
  retry_after_s,
  required_scope,
}: FailureDetails): JsonObject {
  return {
    nearest: nearest?.slice(0, MAX_NAMES).map(presentableName),
    candidates: candidates?.slice(0, MAX_NAMES).map(presentableName),
    offline_since: offline_since === undefined ? undefined : presentableName(offline_since),
    retry_after_s,
    required_scope: required_scope === undefined ? undefined : presentableName(required_scope),
  };
}

function presentableName(name: string): string {
  return presentableText(name, MAX_REASON_LENGTH);
}
