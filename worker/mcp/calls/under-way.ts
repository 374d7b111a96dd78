/** Whether any questions are in progress: the request of a caller that has gone ends with the last of them. */

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

  /** One turn after the last answer, since its receiver may ask another question. */
  async ended(): Promise<void> {
    while (this.#count > 0) {
      await new Promise<void>((resolve) => {
        this.#onNone = resolve;
      });
      await scheduler.wait(0);
    }
  }
}
