/** Calls that this relay served, as steps of their callers' traces. */
import type { Request } from "#shared/link/request.ts";
import { childOf, type NewSpanId } from "#shared/trace/span.ts";
import type { SpanQueue } from "#shared/trace/span-queue.ts";
import { readTrace } from "#shared/trace/trace-context.ts";
import type { Clock } from "../clock.ts";

export class ServedSpans {
  readonly #queue: Pick<SpanQueue, "note">;
  readonly #clock: Clock;
  readonly #newSpanId: NewSpanId;

  constructor(queue: Pick<SpanQueue, "note">, clock: Clock, newSpanId: NewSpanId) {
    this.#queue = queue;
    this.#clock = clock;
    this.#newSpanId = newSpanId;
  }

  /**
   * A call outside any trace is not reported. Times are by the device's wall clock, which may differ from the worker's.
   */
  note(request: Request, outcome: string, durationMs: number): void {
    const parent = readTrace(request);
    if (parent === undefined) return;
    const endedAtMs = this.#clock.wallMs();
    this.#queue.note({
      context: childOf(parent, this.#newSpanId),
      parentSpanId: parent.spanId,
      name: request.method,
      kind: "server",
      startedAtMs: endedAtMs - durationMs,
      endedAtMs,
      attributes: { "aimdb.instance": request.instance, "aimdb.call_id": request.id },
      outcome,
    });
  }
}
