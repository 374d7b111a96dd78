/** Writes events in the order in which they are reported, each with the position after it as its id. */
import type { EventQueue } from "./event-queue.ts";
import type { Told } from "./followed-record.ts";
import { formatPosition, type Position, type Selection } from "./position.ts";
import { KEEPALIVE, toRetry, toSse } from "./sse.ts";

export class StreamWriter {
  readonly #queue: EventQueue;
  readonly #selection: Selection;
  #position: Position;

  constructor(queue: EventQueue, selection: Selection, start: Position) {
    this.#queue = queue;
    this.#selection = selection;
    this.#position = start;
  }

  /** Settles when the reader has taken them. */
  tell(told: readonly Told[]): Promise<void> {
    const events = told.map(({ event, data, reached }) => {
      if (reached !== undefined) this.#reach(reached);
      return toSse({ event, data, id: formatPosition(this.#position, this.#selection) });
    });
    return this.#queue.put(events.join(""));
  }

  /** How long the reader waits before it reconnects, whatever ended the stream. */
  retryAfter(ms: number): Promise<void> {
    return this.#queue.put(toRetry(ms));
  }

  keepAlive(): void {
    void this.#queue.put(KEEPALIVE);
  }

  #reach(reached: NonNullable<Told["reached"]>): void {
    if ("seq" in reached) {
      this.#position = { ...this.#position, presence: reached.seq };
      return;
    }
    const { place, cursor } = reached;
    const cursors = this.#position.cursors.map((one, i) => (i === place ? cursor : one));
    this.#position = { ...this.#position, cursors };
  }
}
