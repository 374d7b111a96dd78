/** Tells the team the relay's state when it changes. One report is in progress at a time, always the newest. */
import { RateLimit } from "#shared/access/rate-limit.ts";
import { Deadline } from "../deadline.ts";
import { logEvent } from "../log.ts";
import type { PresenceReport } from "../team/events/events-rpc.ts";

/** A team object that is being reset is back within a second; after the last retry the team looks by itself. */
const RETRY_MS = [1_000, 4_000, 16_000];

/**
 * More than a relay that keeps to I-2 has to report, including its links. Faster changes wait: each report may be
 * an event of every instance, in the log and the streams that all relays of the team share.
 */
const REPORTS_PER_MINUTE = 12;

/** A team that takes longer is told again: what it learns late it takes for no news. */
const TOLD_WITHIN_MS = 5_000;

export interface ReporterParts {
  /** Undefined for an id under which no relay was created. */
  readonly read: () => PresenceReport | undefined;
  readonly send: (report: PresenceReport) => Promise<void>;
  readonly toldWithinMs?: number;
  readonly wait: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
}

export class PresenceReporter {
  readonly #parts: ReporterParts;
  readonly #rate: RateLimit;
  #state: "idle" | "sending" | "changed_meanwhile" = "idle";
  /** What the team knows; undefined: nothing sent since this object woke. */
  #sent: string | undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
    this.#rate = new RateLimit(REPORTS_PER_MINUTE, parts.nowMs());
  }

  /** Settles when the team knows, or can't be told for now. */
  async changed(): Promise<void> {
    if (this.#state !== "idle") {
      this.#state = "changed_meanwhile";
      return;
    }
    const waits = [...RETRY_MS];
    do {
      this.#state = "sending";
      if (this.#news() === undefined) continue;
      await this.#untilRoom();
      if (await this.#send()) continue;
      const waitMs = waits.shift();
      if (waitMs === undefined) break;
      await this.#parts.wait(waitMs);
      this.#state = "changed_meanwhile";
    } while (this.#isDue());
    this.#state = "idle";
  }

  #isDue(): boolean {
    return this.#state === "changed_meanwhile";
  }

  async #untilRoom(): Promise<void> {
    const { nowMs, wait } = this.#parts;
    let waitMs = this.#rate.take(nowMs());
    while (waitMs > 0) {
      await wait(waitMs);
      waitMs = this.#rate.take(nowMs());
    }
  }

  /** Undefined if the team knows already. */
  #news(): { readonly report: PresenceReport; readonly told: string } | undefined {
    const report = this.#parts.read();
    if (report === undefined) return undefined;
    const { connected, instances } = report;
    const told = JSON.stringify([connected, instances]);
    return told === this.#sent ? undefined : { report, told };
  }

  async #send(): Promise<boolean> {
    const news = this.#news();
    if (news === undefined) return true;
    const { send, toldWithinMs = TOLD_WITHIN_MS } = this.#parts;
    try {
      await new Deadline(toldWithinMs).ask(() => send(news.report));
      this.#sent = news.told;
      return true;
    } catch (error) {
      logEvent("warn", "presence_not_told", { reason: String(error) });
      return false;
    }
  }
}
