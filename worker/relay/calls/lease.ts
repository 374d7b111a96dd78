/**
 * The relay object's permission to decide on its own for a while. Without a valid one the team is asked first:
 * nothing is ever decided on rights that may have been taken back unnoticed.
 */
import { failure, type Failure } from "#shared/failure.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { LEASE_MS, type Holder, type RightsSnapshot } from "../../access/rights.ts";
import { Deadline } from "../../deadline.ts";
import { logEvent } from "../../log.ts";

/** A team that takes longer counts as unreachable. */
const ASKED_WITHIN_MS = 5_000;

export interface LeaseParts {
  /** Null for a relay that the team no longer has. */
  readonly ask: () => Promise<RightsSnapshot | null>;
  readonly askedWithinMs?: number;
  readonly nowMs: () => number;
  /** Called with each newer snapshot; undefined: the team no longer has this relay. */
  readonly onSnapshot: (snapshot: RightsSnapshot | undefined) => void;
}

export class Lease {
  readonly #parts: LeaseParts;
  #newest: RightsSnapshot | undefined;
  #endsAtMs = 0;
  #asking: Promise<Result<RightsSnapshot | undefined, Failure>> | undefined;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  get newest(): RightsSnapshot | undefined {
    return this.#newest;
  }

  /**
   * Undefined if the team has to be asked: no lease, an expired one, or a snapshot older than what the caller has
   * seen.
   */
  current({ rightsVersion }: Pick<Holder, "rightsVersion">): RightsSnapshot | undefined {
    const newest = this.#newest;
    if (newest === undefined || newest.version < rightsVersion) return undefined;
    const leftMs = this.#endsAtMs - this.#parts.nowMs();
    // More than a whole lease is left if the clock was set back.
    return leftMs > 0 && leftMs <= LEASE_MS ? newest : undefined;
  }

  /** Undefined: the team no longer has this relay. Simultaneous callers share one question. */
  renew(): Promise<Result<RightsSnapshot | undefined, Failure>> {
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /**
   * The team reports a change on its own. This does not extend the lease, and may arrive before an older answer.
   */
  push(snapshot: RightsSnapshot): void {
    if (!this.#isNews(snapshot)) return;
    this.#newest = snapshot;
    this.#parts.onSnapshot(snapshot);
  }

  async #renew(): Promise<Result<RightsSnapshot | undefined, Failure>> {
    const { ask, askedWithinMs = ASKED_WITHIN_MS, nowMs, onSnapshot } = this.#parts;
    // Counted from before the question: the team counts from its answer, which is later.
    const endsAtMs = nowMs() + LEASE_MS;
    try {
      const snapshot = await new Deadline(askedWithinMs).ask(ask);
      if (snapshot === null) {
        this.#newest = undefined;
        onSnapshot(undefined);
        return ok(undefined);
      }
      this.push(snapshot);
      this.#endsAtMs = endsAtMs;
      return ok(this.#newest);
    } catch (error) {
      logEvent("error", "team_object_lost", { reason: String(error) });
      return err(UNAVAILABLE);
    }
  }

  #isNews({ version, status }: RightsSnapshot): boolean {
    const known = this.#newest;
    if (known === undefined || version > known.version) return true;
    return version === known.version && status !== known.status;
  }
}

const UNAVAILABLE = failure(
  "policy_unavailable",
  "What the team allows can't be read just now, so nothing was asked. Try again.",
  { retry_after_s: 1 },
);
