/** Tells the team how the relay is, when that changes. One report is under way at a time, and the newest counts. */
import { logEvent } from "../log.ts";
import type { PresenceReport } from "../team/events/events-rpc.ts";

/** A team object that is being reset is back within a second; later it looks by itself. */
const RETRY_MS = [1_000, 4_000, 16_000];

export interface ReporterParts {
  /** Undefined for an id under which no relay was made. */
  readonly read: () => PresenceReport | undefined;
  readonly send: (report: PresenceReport) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
}

export class PresenceReporter {
  readonly #parts: ReporterParts;
  #state: "idle" | "sending" | "changed_meanwhile" = "idle";
  /** What the team knows; undefined: not sent since this object woke. */
  #sent: string | undefined;

  constructor(parts: ReporterParts) {
    this.#parts = parts;
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

  async #send(): Promise<boolean> {
    const report = this.#parts.read();
    if (report === undefined) return true;
    const { connected, instances } = report;
    const told = JSON.stringify([connected, instances]);
    if (told === this.#sent) return true;
    try {
      await this.#parts.send(report);
      this.#sent = told;
      return true;
    } catch (error) {
      logEvent("warn", "presence_not_told", { reason: String(error) });
      return false;
    }
  }
}
