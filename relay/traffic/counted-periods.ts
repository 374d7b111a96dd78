/** What was counted of the current hour, or month, and of the few before it. */
import { periodAt, type Period, type PeriodName } from "./periods.ts";

export interface Volume {
  readonly sent: number;
  readonly received: number;
}

export interface CountedPeriod extends Volume {
  /** Unix milliseconds. */
  readonly beginMs: number;
}

export type PeriodNow = Volume & Period;

interface Counted {
  readonly beginMs: number;
  readonly endMs: number;
  sent: number;
  received: number;
}

/**
 * A gateway without a battery starts in 1970 and is set right later, or is set wrong for a while: the period that it
 * comes back to continues with its count.
 */
const MAX_KEPT = 3;

export class CountedPeriods {
  readonly #name: PeriodName;
  /** The current one is the last. */
  #all: Counted[];
  #current: Counted;

  constructor(name: PeriodName, before: readonly CountedPeriod[], wallMs: number) {
    this.#name = name;
    this.#all = before.map((one) => ({ ...one, ...periodAt(name, one.beginMs) }));
    this.#current = this.#enter(wallMs);
  }

  get current(): PeriodNow {
    return this.#current;
  }

  get all(): readonly CountedPeriod[] {
    return this.#all.map(({ beginMs, sent, received }) => ({ beginMs, sent, received }));
  }

  /** The current period's count, whatever time it is. */
  add(sent: number, received: number): void {
    this.#current.sent += sent;
    this.#current.received += received;
  }

  turn(wallMs: number): void {
    const { beginMs, endMs } = this.#current;
    if (wallMs < beginMs || wallMs >= endMs) this.#current = this.#enter(wallMs);
  }

  #enter(wallMs: number): Counted {
    const period = periodAt(this.#name, wallMs);
    const before = this.#all.find(({ beginMs }) => beginMs === period.beginMs);
    const current = before ?? { ...period, sent: 0, received: 0 };
    this.#all = [...this.#all.filter((one) => one !== before), current].slice(-MAX_KEPT);
    return current;
  }
}
