/**
 * The relay object's leave to decide by itself for a while. Without one that lasts, the team is asked first:
 * nothing is ever decided on what may have been taken back unseen.
 */
import { failure, type Failure } from "#shared/failure.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { LEASE_MS, type Holder, type RightsSnapshot } from "../../access/rights.ts";
import { Deadline } from "../../deadline.ts";
import { logEvent } from "../../log.ts";

/** A team that takes longer is away. */
const ASKED_WITHIN_MS = 5_000;

export interface LeaseParts {
  /** Null for a relay that the team no longer has. */
  readonly ask: () => Promise<RightsSnapshot | null>;
  readonly askedWithinMs?: number;
  readonly nowMs: () => number;
  /** For each that is news; undefined: the team has no such relay any more. */
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

  /** Undefined where the team has to be asked: no lease, an ended one, or older than what the caller has seen. */
  current({ rightsVersion }: Pick<Holder, "rightsVersion">): RightsSnapshot | undefined {
    const newest = this.#newest;
    if (newest === undefined || newest.version < rightsVersion) return undefined;
    const leftMs = this.#endsAtMs - this.#parts.nowMs();
    // More than a whole one is left where the clock was set back.
    return leftMs > 0 && leftMs <= LEASE_MS ? newest : undefined;
  }

  /** Undefined: the team has no such relay any more. Those who ask at one time ask once. */
  renew(): Promise<Result<RightsSnapshot | undefined, Failure>> {
    this.#asking ??= this.#renew().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** The team's own word that something changed. It prolongs nothing, and may overtake an answer. */
  push(snapshot: RightsSnapshot): void {
    if (!this.#isNews(snapshot)) return;
    this.#newest = snapshot;
    this.#parts.onSnapshot(snapshot);
  }

  async #renew(): Promise<Result<RightsSnapshot | undefined, Failure>> {
    const { ask, askedWithinMs = ASKED_WITHIN_MS, nowMs, onSnapshot } = this.#parts;
    // From before the question: the team reckons from when it answers, which is later.
    const endsAtMs = nowMs() + LEASE_MS;
    try {
      const snapshot = await new Deadline(askedWithinMs).ask(ask);
      if (snapshot === null) {
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
