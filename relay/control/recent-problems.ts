/** A log that remembers its last warnings and errors, so that they can be asked for. */
import type { Clock } from "../clock.ts";
import type { Log, LogField } from "../log.ts";
import type { Problem } from "./relay-status.ts";

const MAX_PROBLEMS = 20;

type Fields = Readonly<Record<string, LogField>>;

export class RecentProblems implements Log {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #problems: Problem[] = [];

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Oldest first. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  info(event: string, fields?: Fields): void {
    this.#log.info(event, fields);
  }

  warn(event: string, fields?: Fields): void {
    this.#log.warn(event, fields);
    this.#keep("warn", event, fields);
  }

  error(event: string, fields?: Fields): void {
    this.#log.error(event, fields);
    this.#keep("error", event, fields);
  }

  #keep(level: Problem["level"], event: string, fields: Fields = {}): void {
    const known = Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    );
    const time = new Date(this.#clock.wallMs()).toISOString();
    this.#problems.push({ time, level, event, fields: Object.fromEntries(known) });
    if (this.#problems.length > MAX_PROBLEMS) this.#problems.shift();
  }
}
