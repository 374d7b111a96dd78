/** W3C Trace Context, version 00: where a call stands in somebody's trace. Pure. */

export interface TraceContext {
  /** 32 and 16 hex digits, never all zero. */
  readonly traceId: string;
  readonly spanId: string;
  /** What the one who began the trace wants kept; everybody behind goes along. */
  readonly isSampled: boolean;
}

/** https://www.w3.org/TR/trace-context/ §3.2: later versions begin as version 00 does. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export const MAX_TRACEPARENT_LENGTH = 64;

/** Undefined for what is none: then a trace is not continued, and nothing else changes. */
export function parseTraceparent(text: unknown): TraceContext | undefined {
  if (typeof text !== "string" || text.length > MAX_TRACEPARENT_LENGTH) return undefined;
  const [, version, traceId, spanId, flags = "", more] = TRACEPARENT.exec(text) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  if (version === "00" && more !== undefined) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function toTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? "01" : "00"}`;
}
