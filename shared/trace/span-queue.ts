/**
 * Spans on their way out. They wait a second at most and go together, after the answers; what can't be sent is dropped
 * and counted, so an absent collector costs nothing but its spans.
 */
import { errorText } from "../text/error-text.ts";
import type { JsonObject } from "../json/json.ts";
import { toOtlp } from "./otlp.ts";
import type { Span } from "./span.ts";

const FLUSH_AFTER_MS = 1_000;
export const MAX_SPANS = 512;

export interface SpanQueueParts {
  /** As in OpenTelemetry's resource conventions: `service.name` and what distinguishes one process from the next. */
  readonly resource: Readonly<Record<string, string>>;
  /** Rejects if the collector did not take it. Has its own deadline. */
  readonly send: (body: JsonObject) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** Keeps the process alive for `work`. */
  readonly hold: (work: Promise<void>) => void;
  readonly onLost: (count: number, reason: string) => void;
}

export class SpanQueue {
  readonly #parts: SpanQueueParts;
  #waiting: Span[] | undefined;
  #lost = 0;

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  /** A span that nobody wants is not kept. */
  note(span: Span): void {
    if (!span.context.isSampled) return;
    if (this.#waiting === undefined) {
      this.#waiting = [span];
      this.#parts.hold(this.#flushLater());
    } else if (this.#waiting.length < MAX_SPANS) {
      this.#waiting.push(span);
    } else {
      this.#lost += 1;
    }
  }

  async #flushLater(): Promise<void> {
    const { resource, send, wait, onLost } = this.#parts;
    await wait(FLUSH_AFTER_MS);
    const spans = this.#waiting ?? [];
    const lost = this.#lost;
    this.#waiting = undefined;
    this.#lost = 0;
    if (lost > 0) onLost(lost, "more came at once than are kept");
    try {
      await send(toOtlp(resource, spans));
    } catch (error) {
      onLost(spans.length, errorText(error));
    }
  }
}
