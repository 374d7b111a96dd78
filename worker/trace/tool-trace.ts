/** A tool call's place in a trace: its client's, or one that begins here. */
import * as z from "zod/mini";
import { safeParse } from "#shared/safe-parse.ts";
import { childOf } from "#shared/trace/span.ts";
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import { readTrace, type TraceContext } from "#shared/trace/trace-context.ts";
import { randomHex } from "../auth/secret.ts";

/** The span of the call itself, beneath which the calls at devices stand. */
export interface ToolTrace extends TraceContext {
  readonly parentSpanId?: string | undefined;
}

/** Nearly all have none, and what does not fit costs an error. */
const carriedSchema = z.object({
  traceparent: z.optional(z.string()),
  tracestate: z.optional(z.unknown()),
});
const tracedSchema = z.object({
  params: z.optional(z.object({ _meta: z.optional(carriedSchema) })),
});

const newSpanId = () => randomHex(8);

/** MCP has it in `_meta` (2026-07-28, basic: reserved keys). Undefined where neither client nor operator wants one. */
export function beginToolTrace(body: unknown, spans: SpanQueue | undefined): ToolTrace | undefined {
  const parent = readTrace(safeParse(tracedSchema, body).data?.params?._meta ?? {});
  if (parent !== undefined) return { ...childOf(parent, newSpanId), parentSpanId: parent.spanId };
  if (spans === undefined) return undefined;
  return { traceId: randomHex(16), spanId: newSpanId(), isSampled: true };
}
