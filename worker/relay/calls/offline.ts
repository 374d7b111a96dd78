/** Since when a relay has had no link, and how that is said. */
import { failure, type Failure } from "#shared/failure.ts";
import type { OwnRow } from "../own-row.ts";
import { isInSession, type Session } from "../link/session.ts";

/** A relay whose link broke dials within a second or two. One that restarts its machine is away. */
const BACK_WITHIN_MS = 5_000;

export class Offline {
  readonly #row: Pick<OwnRow, "read">;
  /** For a session whose end nobody saw: the worker itself was away. */
  readonly #wokeAtMs: number;

  constructor(row: Pick<OwnRow, "read">, wokeAtMs: number) {
    this.#row = row;
    this.#wokeAtMs = wokeAtMs;
  }

  /** Of the session before this object woke. */
  stored(): { sinceMs: number | null; hasLeft: boolean } {
    const { offlineSinceMs = null, hasLeft = false } = this.#row.read() ?? {};
    return { sinceMs: offlineSinceMs, hasLeft };
  }

  /** A relay that never had a link is offline since it was made. */
  fallbackSinceMs(): number {
    return this.#row.read()?.offlineSinceMs ?? this.#wokeAtMs;
  }

  /** ISO-8601. */
  since(session: Session): string {
    return new Date(this.#sinceMs(session)).toISOString();
  }

  /**
   * How long a read waits for the next session: until the relay would be back from a broken link. 0 where it left,
   * is away for longer, or never was here.
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
