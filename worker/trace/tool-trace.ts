/** A tool call's place in a trace: the client's, or one that begins here. */
import { isJsonObject, type JsonObject } from "#shared/json/json.ts";
import { childOf } from "#shared/trace/span.ts";
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import { readTrace, type TraceContext } from "#shared/trace/trace-context.ts";
import { randomHex } from "../auth/secret.ts";

/** The span of the call itself, the parent of the calls at devices. */
export interface ToolTrace extends TraceContext {
  readonly parentSpanId?: string | undefined;
}

const newSpanId = () => randomHex(8);

/**
 * MCP carries it in `_meta` (2026-07-28, basic: reserved keys). Undefined if neither client nor operator wants a
 * trace.
 */
export function beginToolTrace(body: unknown, spans: SpanQueue | undefined): ToolTrace | undefined {
  const parent = readTrace(metaOf(body));
  if (parent !== undefined) return { ...childOf(parent, newSpanId), parentSpanId: parent.spanId };
  if (spans === undefined) return undefined;
  return { traceId: randomHex(16), spanId: newSpanId(), isSampled: true };
}

function metaOf(body: unknown): JsonObject {
  const params = isJsonObject(body) ? body["params"] : undefined;
  const meta = isJsonObject(params) ? params["_meta"] : undefined;
  return isJsonObject(meta) ? meta : {};
}
