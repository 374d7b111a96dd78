/** The demo's programs, ended in the reverse order of their start. */

export interface Part {
  stop(): Promise<void>;
}

export class Parts {
  readonly #parts: Part[] = [];
  #stopped = false;

  /** A part added after the end has begun is ended at once. */
  async add(part: Part): Promise<void> {
    if (this.#stopped) await part.stop();
    else this.#parts.push(part);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const part of this.#parts.splice(0).reverse()) await part.stop();
  }
}
