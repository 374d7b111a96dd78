/** W3C Trace Context, version 00: a call's place in its caller's trace. Pure. */
import { parseTracestate } from "./trace-state.ts";

export interface TraceContext {
  /** 32 and 16 hex digits, never all zero. */
  readonly traceId: string;
  readonly spanId: string;
  /** Whether the trace's originator wants it kept; everybody downstream follows. */
  readonly isSampled: boolean;
  /** `tracestate`: from upstream, for those downstream. */
  readonly state?: string | undefined;
}

/** As MCP's `_meta` and the link have it. */
interface Carried<Text> {
  readonly traceparent?: Text;
  readonly tracestate?: Text;
}

/** https://www.w3.org/TR/trace-context/ §3.2: later versions begin as version 00 does. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

export const MAX_TRACEPARENT_LENGTH = 64;

/** A state without a valid parent says nothing; an invalid state is left out. */
export function readTrace({ traceparent, tracestate }: Carried<unknown>): TraceContext | undefined {
  const context = parseTraceparent(traceparent);
  const state = context === undefined ? undefined : parseTracestate(tracestate);
  return context === undefined || state === undefined ? context : { ...context, state };
}

export function writeTrace(context: TraceContext): Carried<string> {
  const { state } = context;
  const traceparent = toTraceparent(context);
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

/** Undefined if it is invalid: then the trace is not continued, and nothing else changes. */
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
