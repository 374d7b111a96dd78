/** Whether something is still asked: a request whose caller went ends with it. */

export class UnderWay {
  #count = 0;
  #onNone: () => void = () => {};

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#onNone();
  }

  /** A turn behind the last answer, since who got it may ask on. */
  async ended(): Promise<void> {
    while (this.#count > 0) {
      await new Promise<void>((resolve) => {
        this.#onNone = resolve;
      });
      await scheduler.wait(0);
    }
  }
}
