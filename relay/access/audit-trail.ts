/** The device's log as calls use it: entries are stamped, and a failure to write is reported and logged. */
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { AuditEntry, AuditLog } from "./audit-log.ts";

export interface AuditTrailOptions {
  /** Undefined if the device file names none. */
  readonly audit: AuditLog | undefined;
  readonly clock: Pick<Clock, "wallMs">;
  readonly log: Log;
}

export class AuditTrail {
  readonly #options: AuditTrailOptions;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** False if it could not be written. */
  async append(entry: Omit<AuditEntry, "time">, durable: boolean): Promise<boolean> {
    const { audit, clock, log } = this.#options;
    if (audit === undefined) return true;
    try {
      await audit.append({ time: new Date(clock.wallMs()).toISOString(), ...entry }, durable);
      return true;
    } catch (error) {
      log.error("audit_not_written", { call: entry.call_id, reason: String(error) });
      return false;
    }
  }
}
