/** What a relay counts while it runs, for its metrics. Begins anew with the process, as counters may. */
import { CallTally, type CallCounts } from "#shared/metrics/call-counts.ts";

export interface RelayTotals {
  /** By the link's methods. */
  readonly calls: CallCounts;
  readonly dials: number;
  readonly links: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
}

export class RelayCounts {
  readonly #calls = new CallTally();
  readonly #link = { dials: 0, links: 0, bytesReceived: 0, bytesSent: 0 };

  noteCall(method: string, outcome: string, durationMs: number): void {
    this.#calls.note(method, outcome, durationMs);
  }

  add(what: keyof Omit<RelayTotals, "calls">, by = 1): void {
    this.#link[what] += by;
  }

  read(): RelayTotals {
    return { calls: this.#calls.read(), ...this.#link };
  }
}
