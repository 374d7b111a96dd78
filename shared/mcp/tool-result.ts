/** Outcomes as MCP tool results. Text and structured content hold the same JSON: clients show either. */
import type { CallToolResult } from "@modelcontextprotocol/server";
import type { Failure } from "../failure.ts";
import type { JsonObject } from "../json.ts";

export function toToolResult({
  output,
  failed = false,
}: {
  readonly output: JsonObject;
  readonly failed?: boolean;
}): CallToolResult {
  return {
    content: [{ type: "text", text: JSON.stringify(output) }],
    structuredContent: { ...output },
    isError: failed,
  };
}

/** A tool error, so that the model can read it and try otherwise. */
export function toErrorResult({ code, message, details }: Failure): CallToolResult {
  return toToolResult({ output: { error: { code, message, ...details } }, failed: true });
}
