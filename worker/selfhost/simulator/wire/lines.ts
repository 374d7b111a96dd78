/** Bytes to lines as a host reads them: without a limit, and ended by text that is not UTF-8. */

const NEWLINE = 0x0a;

export type Line =
  | { readonly type: "line"; readonly text: string }
  /** Hosts close the connection on it. */
  | { readonly type: "not_utf8" };

export class LineBuffer {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #whole: Uint8Array[] = [];
  #taken = 0;
  #half: Uint8Array[] = [];

  push(bytes: Uint8Array): void {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      this.#half.push(bytes.subarray(start, end));
      this.endHalf();
      start = end + 1;
    }
    if (start < bytes.length) this.#half.push(bytes.subarray(start));
  }

  /** The next whole line without its `\n`. */
  next(): Line | undefined {
    const bytes = this.#whole[this.#taken];
    if (bytes === undefined) return undefined;
    this.#taken += 1;
    if (this.#taken === this.#whole.length) {
      this.#whole = [];
      this.#taken = 0;
    }
    try {
      return { type: "line", text: this.#decoder.decode(bytes) };
    } catch {
      return { type: "not_utf8" };
    }
  }

  get hasLine(): boolean {
    return this.#whole.length > 0;
  }

  get hasHalf(): boolean {
    return this.#half.length > 0;
  }

  /** What there is of a line counts as one: the peer ended without a newline. */
  endHalf(): void {
    this.#whole.push(joined(this.#half));
    this.#half = [];
  }

  dropHalf(): void {
    this.#half = [];
  }

  dropAll(): void {
    this.#whole = [];
    this.#taken = 0;
    this.#half = [];
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first, ...others] = parts;
  if (first === undefined) return new Uint8Array(0);
  if (others.length === 0) return first;
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
