/**
 * Between those that produce events and the one that reads them. A writer waits until its events have been taken:
 * a slow reader thus slows down the questions to its relays, and what it has not read yet stays at the relay,
 * where it is bounded. Pure.
 */
interface Waiting {
  readonly text: string;
  readonly taken: () => void;
}

export class EventQueue {
  readonly #waiting: Waiting[] = [];
  #wakeReader: (() => void) | undefined;
  #isOver = false;

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Settles when the reader has taken it, or when the reader is gone. */
  put(text: string): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ text, taken: resolve });
      this.#wakeReader?.();
    });
  }

  /** Everything that waits; undefined once the queue has ended and is empty. */
  async take(): Promise<string | undefined> {
    while (this.#waiting.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
    }
    const taken = this.#waiting.splice(0);
    for (const one of taken) one.taken();
    return taken.length === 0 ? undefined : taken.map(({ text }) => text).join("");
  }

  /** What was put before can still be taken. */
  end(): void {
    this.#isOver = true;
    this.#wakeReader?.();
  }

  /** The reader is gone. */
  drop(): void {
    this.end();
    for (const { taken } of this.#waiting.splice(0)) taken();
  }
}
