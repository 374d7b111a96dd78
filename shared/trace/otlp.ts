/** Spans as OTLP/HTTP takes them in JSON (opentelemetry-proto 1.x, trace/v1). Pure. */
import type { JsonObject } from "../json/json.ts";
import { sourceOf } from "../metrics/failure-source.ts";
import type { Span } from "./span.ts";

const KINDS = { server: 2, client: 3 } as const;
const STATUS_ERROR = 2;
const SCOPE = { name: "aimdb-remote" };

export function toOtlp(
  resource: Readonly<Record<string, string>>,
  spans: readonly Span[],
): JsonObject {
  return {
    resourceSpans: [
      {
        resource: { attributes: toAttributes(resource) },
        scopeSpans: [{ scope: SCOPE, spans: spans.map(toOtlpSpan) }],
      },
    ],
  };
}

function toOtlpSpan(span: Span): JsonObject {
  const { context, parentSpanId, name, kind, startedAtMs, endedAtMs, attributes, outcome } = span;
  const source = sourceOf(outcome);
  const failed = source === undefined ? {} : { "error.type": outcome, "aimdb.source": source };
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    ...(context.state === undefined ? {} : { traceState: context.state }),
    flags: 1,
    name,
    kind: KINDS[kind],
    startTimeUnixNano: toNanos(startedAtMs),
    endTimeUnixNano: toNanos(Math.max(startedAtMs, endedAtMs)),
    attributes: toAttributes({ ...attributes, "aimdb.outcome": outcome, ...failed }),
    ...(source === undefined ? {} : { status: { code: STATUS_ERROR, message: outcome } }),
  };
}

/** More than a number holds exactly, so OTLP's JSON has it as a text. */
function toNanos(ms: number): string {
  return `${BigInt(Math.round(ms * 1_000)) * 1_000n}`;
}

function toAttributes(attributes: Readonly<Record<string, string>>): JsonObject[] {
  return Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}
