/**
 * Who may go on with what the team said of them. Decided before anything is asked of the device, and again for
 * what waits there when the team says that rights have changed.
 */
import { failure } from "#shared/failure.ts";
import { isOutdated, type RightsSnapshot } from "../access/rights.ts";
import type { Principal } from "../auth/principal.ts";
import { OUTDATED_RELAY, OUTDATED_RIGHTS } from "./call.ts";
import type { Lease } from "./lease.ts";
import type { RelayLink } from "./link.ts";
import type { Failed } from "./rpc.ts";

export interface AdmissionParts {
  readonly lease: Lease;
  readonly link: Pick<RelayLink, "drop">;
}

export class Admission {
  readonly #parts: AdmissionParts;
  /** Reads under way, by call id. */
  readonly #reading = new Map<string, Principal>();

  constructor(parts: AdmissionParts) {
    this.#parts = parts;
  }

  /** Of a principal of the relay's own team. Undefined: let it pass, and await nothing before it is sent. */
  async refusalOf(principal: Principal): Promise<Failed | undefined> {
    const { lease } = this.#parts;
    const held = lease.current(principal);
    if (held !== undefined) return judge(held, principal);
    const renewed = await lease.renew();
    if (!renewed.ok) return { ok: false, failure: renewed.error };
    return renewed.value === undefined ? OUTDATED_RELAY : judge(renewed.value, principal);
  }

  /** Of one that may, where the team has no calls left; by what was said last, which `refusalOf` has seen to. */
  excessOf(nowMs: number): Failed | undefined {
    const untilMs = this.#parts.lease.newest?.usedUpUntilMs ?? 0;
    if (untilMs <= nowMs) return undefined;
    const retry_after_s = Math.ceil((untilMs - nowMs) / 1000);
    return { ok: false, failure: failure("team_limit", USED_UP, { retry_after_s }) };
  }

  /** Ends early where the principal's rights change meanwhile: a read may wait long. */
  async reading<T>(id: string, principal: Principal, ask: () => Promise<T>): Promise<T> {
    this.#reading.set(id, principal);
    try {
      return await ask();
    } finally {
      this.#reading.delete(id);
    }
  }

  onSnapshot(snapshot: RightsSnapshot): void {
    for (const [id, principal] of this.#reading) {
      if (isOutdated(snapshot, principal)) this.#parts.link.drop(id);
    }
  }
}

const USED_UP =
  "The team has used up its calls of the day, which begins at 00:00 UTC (TEAM_CALLS_PER_DAY). Nothing was done.";

function judge(snapshot: RightsSnapshot, principal: Principal): Failed | undefined {
  if (snapshot.status === "revoked") return OUTDATED_RELAY;
  return isOutdated(snapshot, principal) ? OUTDATED_RIGHTS : undefined;
}
