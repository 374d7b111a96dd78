/** Questions under way: a caller that asks the same meanwhile gets the same answer. Nothing is kept after it. */

export class InFlight<T> {
  readonly #answers = new Map<string, Promise<T>>();

  share(question: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(question);
    if (known !== undefined) return known;
    const answer = ask();
    this.#answers.set(question, answer);
    const forget = () => {
      if (this.#answers.get(question) === answer) this.#answers.delete(question);
    };
    void answer.then(forget, forget);
    return answer;
  }

  /** What was asked earlier may get an answer that is no longer true. */
  clear(): void {
    this.#answers.clear();
  }
}
