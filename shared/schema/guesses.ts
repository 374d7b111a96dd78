/** What a schema says beyond what the samples prove, for people: `celsius: whole so far; …`. */

const MAX_GUESSES = 50;
const MAX_PATH_LENGTH = 100;

export class Guesses {
  readonly #texts: string[] = [];
  #left = 0;

  add(path: string, text: string): void {
    if (this.#texts.length >= MAX_GUESSES) this.#left += 1;
    else this.#texts.push(`${shortened(path === "" ? "." : path)}: ${text}`);
  }

  toList(): string[] {
    const rest = this.#left === 0 ? [] : [`and ${this.#left} more, alike`];
    return [...this.#texts, ...rest];
  }
}

function shortened(path: string): string {
  return path.length <= MAX_PATH_LENGTH ? path : `${path.slice(0, MAX_PATH_LENGTH - 1)}…`;
}
