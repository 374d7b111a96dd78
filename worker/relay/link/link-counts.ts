/**
 * What a relay's object counts for its team's metrics. Reported in batches, so that a call itself stores nothing
 * and asks nobody. If the object is reset, what it had not reported yet, a second's worth, is lost.
 */
import { CallTally, type CallCounts } from "#shared/metrics/call-counts.ts";
import { logEvent } from "../../log.ts";

/**
 * A timer keeps an object awake, so this is short compared to the ten seconds after which an idle object falls
 * asleep.
 */
const TELL_AFTER_MS = 1_000;

export const LINK_COUNTS = [
  "sessions_begun",
  "sessions_ended",
  "bytes_received",
  "bytes_sent",
  "frames_refused",
  "floods",
  "stray_replies",
  "stale_answers",
] as const;
export type LinkCount = (typeof LINK_COUNTS)[number];
export type LinkTotals = Readonly<Partial<Record<LinkCount, number>>>;

export interface RelayCounts {
  /** By the link's methods. */
  readonly calls: CallCounts;
  readonly link: LinkTotals;
}

export interface LinkCountsParts {
  readonly tell: (counts: RelayCounts) => Promise<void>;
  readonly after: (ms: number, run: () => void) => void;
}

export class LinkCounts {
  readonly #parts: LinkCountsParts;
  readonly #calls = new CallTally();
  #link: Partial<Record<LinkCount, number>> = {};
  #isDue = false;

  constructor(parts: LinkCountsParts) {
    this.#parts = parts;
  }

  noteCall(method: string, outcome: string, durationMs: number): void {
    this.#calls.note(method, outcome, durationMs);
    this.#tellLater();
  }

  add(count: LinkCount, by = 1): void {
    this.#link[count] = (this.#link[count] ?? 0) + by;
    this.#tellLater();
  }

  #tellLater(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#parts.after(TELL_AFTER_MS, () => void this.#tell());
  }

  /** Counts that could not be reported go with the next report. */
  async #tell(): Promise<void> {
    const counts = { calls: this.#calls.take(), link: this.#link };
    this.#link = {};
    this.#isDue = false;
    try {
      await this.#parts.tell(counts);
    } catch (error) {
      logEvent("warn", "counts_not_told", { reason: String(error) });
      this.#calls.add(counts.calls);
      for (const name of LINK_COUNTS) this.#keep(name, counts.link[name]);
    }
  }

  /** Without a timer of its own, because an object that can't reach its team should sleep. */
  #keep(name: LinkCount, count = 0): void {
    if (count > 0) this.#link[name] = (this.#link[name] ?? 0) + count;
  }
}
