/**
 * Between those who have events and the one who reads them. A writer waits until its own have been
 * taken, so that a slow reader slows the questions to its relays down, and what it has not read yet
 * stays where it is bounded: at the relay. Pure.
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

  /** Settles when the reader has it, or when nobody reads any more. */
  put(text: string): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ text, taken: resolve });
      this.#wakeReader?.();
    });
  }

  /** All that waits; undefined once it is over and read. */
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

  /** What was put before can still be read. */
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
