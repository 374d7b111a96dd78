/** One step of a trace that has ended. */
import type { TraceContext } from "./trace-context.ts";

export interface Span {
  readonly context: TraceContext;
  /** Absent for the first of a trace. */
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  /** `server`: it was asked; `client`: it asked. */
  readonly kind: "server" | "client";
  /** Unix milliseconds, by the clock of the measuring side. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Names and ids; never a value of a record, an argument or a secret. */
  readonly attributes: Readonly<Record<string, string>>;
  /** `ok`, a write's status, or a failure's code. */
  readonly outcome: string;
}

/** 8 random bytes in hex. */
export type NewSpanId = () => string;

export function childOf(parent: TraceContext, newSpanId: NewSpanId): TraceContext {
  return { ...parent, spanId: newSpanId() };
}
