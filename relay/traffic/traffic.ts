/**
 * What went over the link in this hour and this month, by the device's wall clock. A frame costs an addition; the clock
 * is read on each query, and each minute. Pure: times are arguments.
 */
import { CountedPeriods, type CountedPeriod, type PeriodNow } from "./counted-periods.ts";

/** What outlives the process. */
export interface CountedTraffic {
  readonly hours: readonly CountedPeriod[];
  readonly months: readonly CountedPeriod[];
}

export interface TrafficNow {
  readonly hour: PeriodNow;
  readonly month: PeriodNow;
}

export const NO_TRAFFIC: CountedTraffic = { hours: [], months: [] };

export class Traffic {
  /** Not assigned to a period yet. */
  #sent = 0;
  #received = 0;
  readonly #hours: CountedPeriods;
  readonly #months: CountedPeriods;

  constructor({ hours, months }: CountedTraffic, wallMs: number) {
    this.#hours = new CountedPeriods("hour", hours, wallMs);
    this.#months = new CountedPeriods("month", months, wallMs);
  }

  noteSent(bytes: number): void {
    this.#sent += bytes;
  }

  noteReceived(bytes: number): void {
    this.#received += bytes;
  }

  /** What came since the last look counts to the period of that look, so that each minute has to have one. */
  look(wallMs: number): TrafficNow {
    for (const periods of [this.#hours, this.#months]) {
      periods.add(this.#sent, this.#received);
      periods.turn(wallMs);
    }
    this.#sent = 0;
    this.#received = 0;
    return { hour: this.#hours.current, month: this.#months.current };
  }

  /** As of the last look. */
  get counted(): CountedTraffic {
    return { hours: this.#hours.all, months: this.#months.all };
  }
}
