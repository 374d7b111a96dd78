/** Reads JSON values as AimDB hosts do, with their bound on nesting. */

import { isNumberStart, JsonTokens } from "./tokens.ts";
import { objectOf } from "./value.ts";
import type { Value } from "./value.ts";

/** How deep hosts read; what they only skip may be nested deeper. */
const MAX_DEPTH = 128;

const WORDS = { n: "null", t: "true", f: "false" } as const;

type Closer = "}" | "]";

export class JsonReader {
  readonly tokens: JsonTokens;
  #depthLeft = MAX_DEPTH;

  constructor(text: string) {
    this.tokens = new JsonTokens(text);
  }

  end(): void {
    if (this.tokens.peek() !== "") this.tokens.failHere("trailing characters");
  }

  value(): Value {
    const char = this.tokens.peek();
    if (char === "{") return this.#object();
    return char === "[" ? this.#list() : this.#scalar(char);
  }

  /** Calls `each` with every key; `each` steps over the colon and reads or skips the value. */
  members(each: (key: string) => void): void {
    this.#enter();
    let isFirst = true;
    while (this.tokens.peek() !== "}") {
      if (!isFirst) this.#commaBeforeMore("}");
      isFirst = false;
      each(this.#key());
    }
    this.#leave();
  }

  /** Calls `each` before every element; `each` reads it. */
  elements(each: () => void): void {
    this.#enter();
    let isFirst = true;
    for (let char = this.tokens.peek(); char !== "]"; char = this.tokens.peek()) {
      if (char === "") this.tokens.fail("EOF while parsing a list");
      if (!isFirst) this.#commaBeforeMore("]");
      isFirst = false;
      each();
    }
    this.#leave();
  }

  colon(): void {
    if (this.tokens.peek() !== ":") {
      this.tokens.failHere("expected `:`", "EOF while parsing an object");
    }
    this.tokens.step();
  }

  /** Checks one value without building it and returns its text; its nesting is not bounded. */
  skip(): string {
    this.tokens.peek();
    const from = this.tokens.mark();
    const closers: Closer[] = [];
    do {
      if (!this.#skipOpening(closers)) this.#skipClosings(closers);
    } while (closers.length > 0);
    return this.tokens.since(from);
  }

  #scalar(char: string): Value {
    if (char === '"') return this.tokens.string().content;
    if (isNumberStart(char)) return this.tokens.number();
    if (char === "t" || char === "f" || char === "n") return this.tokens.word(WORDS[char]);
    return this.tokens.failHere("expected value", "EOF while parsing a value");
  }

  #object(): Value {
    const entries: [string, Value][] = [];
    this.members((key) => {
      this.colon();
      entries.push([key, this.value()]);
    });
    return objectOf(entries);
  }

  #list(): Value {
    const list: Value[] = [];
    this.elements(() => {
      list.push(this.value());
    });
    return list;
  }

  #enter(): void {
    this.#depthLeft -= 1;
    if (this.#depthLeft === 0) this.tokens.failHere("recursion limit exceeded");
    this.tokens.step();
  }

  #leave(): void {
    this.#depthLeft += 1;
    this.tokens.step();
  }

  #commaBeforeMore(closer: Closer): void {
    this.#comma(closer);
    if (this.tokens.peek() === closer) this.tokens.failHere("trailing comma");
    if (this.tokens.peek() === "") this.tokens.fail("EOF while parsing a value");
  }

  #comma(closer: Closer): void {
    if (this.tokens.peek() !== ",") {
      const what = closer === "}" ? "an object" : "a list";
      this.tokens.failHere(`expected \`,\` or \`${closer}\``, `EOF while parsing ${what}`);
    }
    this.tokens.step();
  }

  #key(): string {
    if (this.tokens.peek() !== '"') {
      this.tokens.failHere("key must be a string", "EOF while parsing an object");
    }
    return this.tokens.string().content;
  }

  #skipKey(): void {
    this.#key();
    this.colon();
  }

  /** Steps over a scalar, or into a list or an object that is not empty: then `true`. */
  #skipOpening(closers: Closer[]): boolean {
    const char = this.tokens.peek();
    if (char === "{" || char === "[") return this.#skipInto(char === "{" ? "}" : "]", closers);
    if (char === '"') this.tokens.skipString();
    else if (isNumberStart(char)) this.tokens.skipNumber();
    else this.#scalar(char);
    return false;
  }

  #skipInto(closer: Closer, closers: Closer[]): boolean {
    this.tokens.step();
    const next = this.tokens.peek();
    if (next === closer) {
      this.tokens.step();
      return false;
    }
    if (closer === "]" && next === "") this.tokens.fail("EOF while parsing a list");
    closers.push(closer);
    if (closer === "}") this.#skipKey();
    return true;
  }

  /** Moves past everything that ends here, and past the comma if there is more. */
  #skipClosings(closers: Closer[]): void {
    for (let closer = closers.at(-1); closer !== undefined; closer = closers.at(-1)) {
      if (this.tokens.peek() !== closer) {
        this.#comma(closer);
        if (closer === "}") this.#skipKey();
        return;
      }
      this.tokens.step();
      closers.pop();
    }
  }
}
