/**
 * Who may go on, given what the team said of them. Decided before anything is asked of the device, and again for
 * questions that wait there when the team reports changed rights.
 */
import { failure } from "#shared/failure.ts";
import { isOutdated, type DayLimit, type RightsSnapshot } from "../../access/rights.ts";
import type { Principal } from "../../auth/principal.ts";
import { OUTDATED_RELAY, OUTDATED_RIGHTS } from "./call.ts";
import type { Lease } from "./lease.ts";
import type { Dropped } from "../link/pending.ts";
import type { Failed } from "../rpc.ts";

export interface Reading {
  readonly principal: Principal;
  /** Ends the read: the principal's rights have changed, or the caller has gone. */
  readonly drop: (why: Dropped) => void;
}

export class Admission {
  readonly #lease: Lease;
  /** In progress. */
  readonly #readings = new Set<Reading>();

  constructor(lease: Lease) {
    this.#lease = lease;
  }

  /** For a principal of the relay's own team. Undefined: let it pass, and await nothing before the question is sent. */
  async refusalOf(principal: Principal): Promise<Failed | undefined> {
    const held = this.#lease.current(principal);
    if (held !== undefined) return judge(held, principal);
    const renewed = await this.#lease.renew();
    if (!renewed.ok) return { ok: false, failure: renewed.error };
    return renewed.value === undefined ? OUTDATED_RELAY : judge(renewed.value, principal);
  }

  /**
   * For a principal that may call: refused if the team has used up its day, by the newest snapshot, which
   * `refusalOf` has seen to.
   */
  excessOf(nowMs: number): Failed | undefined {
    const { usedUpUntilMs: untilMs = 0, usedUp = "calls" } = this.#lease.newest ?? {};
    if (untilMs <= nowMs) return undefined;
    const retry_after_s = Math.ceil((untilMs - nowMs) / 1000);
    return { ok: false, failure: failure("team_limit", USED_UP[usedUp], { retry_after_s }) };
  }

  /** Ends early if the principal's rights change meanwhile: a read may wait long. */
  async reading<T>(reading: Reading, ask: () => Promise<T>): Promise<T> {
    this.#readings.add(reading);
    try {
      return await ask();
    } finally {
      this.#readings.delete(reading);
    }
  }

  onSnapshot(snapshot: RightsSnapshot): void {
    for (const { principal, drop } of this.#readings) {
      if (isOutdated(snapshot, principal)) drop({ type: "outdated" });
    }
  }

  /** Ends the reads that serve this tool call. */
  cancel(cause: string): void {
    for (const { principal, drop } of this.#readings) {
      if (principal.cause === cause) drop({ type: "cancelled" });
    }
  }
}

const USED_UP: Readonly<Record<DayLimit, string>> = {
  calls:
    "The team has used up its calls of the day, which begins at 00:00 UTC (TEAM_CALLS_PER_DAY). Nothing was done.",
  bytes:
    "The team's calls were answered with all the bytes of the day, which begins at 00:00 UTC (TEAM_BYTES_PER_DAY). Nothing was done.",
};

function judge(snapshot: RightsSnapshot, principal: Principal): Failed | undefined {
  if (snapshot.status === "revoked") return OUTDATED_RELAY;
  return isOutdated(snapshot, principal) ? OUTDATED_RIGHTS : undefined;
}
