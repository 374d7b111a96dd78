/** Since when a relay has had no link, and how callers are told. */
import { failure, type Failure } from "#shared/failure.ts";
import type { OwnRow } from "../own-row.ts";
import { isInSession, type Session } from "../link/session.ts";

/** A relay whose link broke dials again within a second or two. One whose machine restarts counts as away. */
const BACK_WITHIN_MS = 5_000;

export class Offline {
  readonly #row: Pick<OwnRow, "read">;
  /** For a session whose end nobody saw, because the worker itself was down. */
  readonly #wokeAtMs: number;

  constructor(row: Pick<OwnRow, "read">, wokeAtMs: number) {
    this.#row = row;
    this.#wokeAtMs = wokeAtMs;
  }

  /** How the session before this object woke ended. */
  stored(): { sinceMs: number | null; hasLeft: boolean } {
    const { offlineSinceMs = null, hasLeft = false } = this.#row.read() ?? {};
    return { sinceMs: offlineSinceMs, hasLeft };
  }

  /** A relay that never had a link is offline since it was created. */
  fallbackSinceMs(): number {
    return this.#row.read()?.offlineSinceMs ?? this.#wokeAtMs;
  }

  /** ISO-8601. */
  since(session: Session): string {
    return new Date(this.#sinceMs(session)).toISOString();
  }

  /**
   * How long a call waits for the next session: as long as a relay with a broken link needs to be back. 0 if it
   * left, has been away for longer, or never was here.
   */
  awaitedMs(session: Session, nowMs: number): number {
    const row = this.#row.read();
    if (row === undefined || row.generation === 0 || row.status !== "active") return 0;
    if (isInSession(session) || (session.name === "offline" && session.hasLeft)) return 0;
    const waitedMs = Math.max(0, nowMs - this.#sinceMs(session));
    return Math.max(0, BACK_WITHIN_MS - waitedMs);
  }

  #sinceMs(session: Session): number {
    const sinceMs = "sinceMs" in session ? session.sinceMs : null;
    return sinceMs ?? this.fallbackSinceMs();
  }

  failureOf(session: Session): Failure {
    const since = this.since(session);
    const isSuspended = this.#row.read()?.status === "suspended";
    const what = session.name === "draining" ? "was told to stop at" : "has had no link since";
    const why = isSuspended ? "The team has suspended the relay." : `The relay ${what} ${since}.`;
    return failure("relay_offline", `${why} Nothing was asked.`, { offline_since: since });
  }
}
