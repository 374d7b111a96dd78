/** Bytes to lines. Pure; bounded, because a peer may never send a newline. */

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const FIRST_CAPACITY_BYTES = 1024;

export type LineError = { readonly reason: "line_too_long"; readonly limitBytes: number };

export class LineSplitter {
  readonly #limitBytes: number;
  readonly #decoder = new TextDecoder();
  /** The unfinished line. One growing buffer: a peer that sends single bytes costs no object each. */
  #partial = new Uint8Array(0);
  #partialBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Calls `onLine` for each line that `chunk` completes, without its `\n` or `\r\n`. Keeps nothing of the chunk itself.
   * After an error the stream can't be read further: drop the connection.
   */
  push(chunk: Uint8Array, onLine: (line: string) => void): LineError | undefined {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (this.#partialBytes + end - start > this.#limitBytes) return this.#tooLong();
      onLine(this.#take(chunk.subarray(start, end)));
      start = end + 1;
    }
    if (this.#partialBytes + chunk.length - start > this.#limitBytes) return this.#tooLong();
    this.#append(chunk.subarray(start));
    return undefined;
  }

  /** What follows the last newline; hosts may omit the last one before they close. */
  rest(): string {
    return this.#take(new Uint8Array(0));
  }

  #take(tail: Uint8Array): string {
    if (this.#partialBytes === 0) return this.#decode(tail);
    this.#append(tail);
    const line = this.#decode(this.#partial.subarray(0, this.#partialBytes));
    this.#forget();
    return line;
  }

  #decode(bytes: Uint8Array): string {
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    return this.#decoder.decode(bytes.subarray(0, end));
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length;
    if (needed > this.#partial.length) {
      const grown = new Uint8Array(
        Math.max(needed, this.#partial.length * 2, FIRST_CAPACITY_BYTES),
      );
      grown.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = grown;
    }
    this.#partial.set(bytes, this.#partialBytes);
    this.#partialBytes = needed;
  }

  #forget(): void {
    this.#partial = new Uint8Array(0);
    this.#partialBytes = 0;
  }

  #tooLong(): LineError {
    this.#forget();
    return { reason: "line_too_long", limitBytes: this.#limitBytes };
  }
}
