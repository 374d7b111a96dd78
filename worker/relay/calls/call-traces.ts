/** Calls at the device that are part of a caller's trace, from their decision to their answer. */
import type { Request } from "#shared/link/request.ts";
import { childOf } from "#shared/trace/span.ts";
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import { writeTrace, type TraceContext } from "#shared/trace/trace-context.ts";
import { randomHex } from "../../auth/secret.ts";

export class CallTraces {
  readonly #spans: SpanQueue | undefined;
  /** The caller's trace context, by call id. */
  readonly #parents = new Map<string, TraceContext>();

  constructor(spans: SpanQueue | undefined) {
    this.#spans = spans;
  }

  /** What is asked under this id meanwhile becomes a step of the caller's trace. */
  async during<T>(id: string, parent: TraceContext | undefined, run: () => Promise<T>): Promise<T> {
    if (parent === undefined) return run();
    this.#parents.set(id, parent);
    try {
      return await run();
    } finally {
      this.#parents.delete(id);
    }
  }

  /** The request with its place in the trace, and a function to call when it has ended. */
  begin(request: Request): { request: Request; end: (outcome: string) => void } {
    const parent = this.#parents.get(request.id);
    if (parent === undefined) return { request, end: () => {} };
    const context = childOf(parent, () => randomHex(8));
    const startedAtMs = Date.now();
    const { method, instance, id } = request;
    return {
      request: { ...request, ...writeTrace(context) },
      end: (outcome) =>
        this.#spans?.note({
          context,
          parentSpanId: parent.spanId,
          name: `link ${method}`,
          kind: "client",
          startedAtMs,
          endedAtMs: Date.now(),
          attributes: { "aimdb.instance": instance, "aimdb.call_id": id },
          outcome,
        }),
    };
  }
}
