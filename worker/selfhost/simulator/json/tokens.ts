/**
 * The scalars of JSON as AimDB hosts read them, with the wording and the columns of their parser's
 * errors: an AimX v1 host sends these to the client.
 */

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;
const MIN_I64 = -(2n ** 63n);
const MAX_U64 = 2n ** 64n - 1n;
const CONTROL_CHARACTER = "control character (\\u0000-\\u001F) found while parsing a string";
const ESCAPES = new Map(Object.entries({ b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" }));

/** Thrown while reading, caught where a whole text is read. */
export class JsonError extends Error {}

export class JsonTokens {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The next character that is not a blank, not consumed; empty at the end. */
  peek(): string {
    let char = this.#text.charAt(this.#at);
    while (char === " " || char === "\t" || char === "\r" || char === "\n") {
      this.#at += 1;
      char = this.#text.charAt(this.#at);
    }
    return char;
  }

  /** Consumes the character that was peeked at. */
  step(): void {
    this.#at += 1;
  }

  /** A position to pass to `since`. */
  mark(): number {
    return this.#at;
  }

  /** The text consumed from there to here. */
  since(mark: number): string {
    return this.#text.slice(mark, this.#at);
  }

  /** A host counts columns in bytes: those it consumed, and one more for a byte it only peeked at. */
  fail(message: string, peekedBytes = 0): never {
    const consumed = new TextEncoder().encode(this.#text.slice(0, this.#at));
    throw new JsonError(`${message} at line 1 column ${consumed.length + peekedBytes}`);
  }

  /** About the character that comes next; at the end the host says something else. */
  failHere(message: string, atEnd = message): never {
    return this.peek() === "" ? this.fail(atEnd) : this.fail(message, 1);
  }

  /** `escaped`: hosts drop a tagged frame whose borrowed strings are not plain. */
  string(): { content: string; escaped: boolean } {
    this.#at += 1;
    let content = "";
    let from = this.#at;
    let escaped = false;
    for (let char = this.#endOfPlain(); char !== '"'; char = this.#endOfPlain()) {
      if (char !== "\\") this.fail(CONTROL_CHARACTER);
      content += this.#text.slice(from, this.#at - 1) + this.#escape();
      from = this.#at;
      escaped = true;
    }
    return { content: content + this.#text.slice(from, this.#at - 1), escaped };
  }

  /** A host does not look for lone surrogates in what it skips. */
  skipString(): void {
    this.#at += 1;
    for (let char = this.#endOfPlain(); char !== '"'; char = this.#endOfPlain()) {
      if (char !== "\\") this.fail(CONTROL_CHARACTER);
      if (this.#text.charAt(this.#at) === "u") {
        this.#at += 1;
        this.#hex();
      } else this.#escape();
    }
  }

  /** What does not fit 64 bits is a float, and so is minus zero. */
  number(): bigint | number {
    const from = this.#at;
    const isWhole = this.skipNumber();
    const literal = this.since(from);
    if (isWhole && literal !== "-0") {
      const exact = BigInt(literal);
      if (exact >= MIN_I64 && exact <= MAX_U64) return exact;
    }
    const float = Number(literal);
    return Number.isFinite(float) ? float : this.fail("number out of range");
  }

  /** Whether it had neither a fraction nor an exponent. */
  skipNumber(): boolean {
    NUMBER.lastIndex = this.#at;
    const [literal, fraction, exponent] = NUMBER.exec(this.#text) ?? ["-"];
    this.#at += literal.length;
    const isWhole = fraction === undefined && exponent === undefined;
    const next = this.#text.charAt(this.#at);
    if (literal === "-") this.#failNumber(0);
    if (isDigit(next) && literal.endsWith("0") && isWhole) this.#failNumber(0);
    if (next === "." && isWhole) this.#failNumber(1);
    if (isExponent(next) && exponent === undefined) {
      const isSigned = /[+-]/.test(this.#text.charAt(this.#at + 1));
      this.#failNumber(isSigned ? 2 : 1);
    }
    return isWhole;
  }

  word(word: "null" | "true" | "false"): null | boolean {
    for (const letter of word) {
      const char = this.#text.charAt(this.#at);
      if (char === "") this.fail("EOF while parsing a value");
      this.#at += 1;
      if (char !== letter) this.fail("expected ident");
    }
    return word === "null" ? null : word === "true";
  }

  #failNumber(skipped: number): never {
    this.#at += skipped;
    const atEnd = this.#at >= this.#text.length;
    return atEnd ? this.fail("EOF while parsing a value") : this.fail("invalid number", 1);
  }

  /** Moves past the quote, the backslash or the control character that ends plain text. */
  #endOfPlain(): string {
    let code = this.#text.charCodeAt(this.#at);
    while (code >= FIRST_PRINTABLE && code !== QUOTE && code !== BACKSLASH) {
      this.#at += 1;
      code = this.#text.charCodeAt(this.#at);
    }
    return this.#nextOfString();
  }

  #escape(): string {
    const char = this.#nextOfString();
    if (char === '"' || char === "\\" || char === "/") return char;
    return char === "u" ? this.#unicode() : (ESCAPES.get(char) ?? this.fail("invalid escape"));
  }

  #unicode(): string {
    const lead = this.#hex();
    if (lead >= 0xdc00 && lead <= 0xdfff) this.fail("lone leading surrogate in hex escape");
    if (lead < 0xd800 || lead > 0xdbff) return String.fromCharCode(lead);
    for (const expected of ["\\", "u"]) {
      if (this.#nextOfString() !== expected) this.fail("unexpected end of hex escape");
    }
    const trail = this.#hex();
    if (trail < 0xdc00 || trail > 0xdfff) this.fail("lone leading surrogate in hex escape");
    return String.fromCharCode(lead, trail);
  }

  #hex(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    this.#at += digits.length;
    if (digits.length < 4) this.fail("EOF while parsing a string");
    return /^[0-9a-fA-F]{4}$/.test(digits)
      ? Number.parseInt(digits, 16)
      : this.fail("invalid escape");
  }

  #nextOfString(): string {
    const char = this.#text.charAt(this.#at);
    if (char === "") this.fail("EOF while parsing a string");
    this.#at += 1;
    return char;
  }
}

export function isNumberStart(char: string): boolean {
  return char === "-" || isDigit(char);
}

function isDigit(char: string): boolean {
  return char >= "0" && char <= "9" && char.length === 1;
}

function isExponent(char: string): boolean {
  return char === "e" || char === "E";
}
