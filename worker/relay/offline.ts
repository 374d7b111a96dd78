/** Since when a relay has had no link, and how that is said. */
import { failure, type Failure } from "#shared/failure.ts";
import type { OwnRow } from "./own-row.ts";
import type { Session } from "./session.ts";

export class Offline {
  readonly #row: OwnRow;
  /** For a session whose end nobody saw: the worker itself was away. */
  readonly #wokeAtMs: number;

  constructor(row: OwnRow, wokeAtMs: number) {
    this.#row = row;
    this.#wokeAtMs = wokeAtMs;
  }

  /** A relay that never had a link is offline since it was made. */
  fallbackSinceMs(): number {
    return this.#row.read()?.offlineSinceMs ?? this.#wokeAtMs;
  }

  /** ISO-8601. */
  since(session: Session): string {
    const sinceMs = "sinceMs" in session ? session.sinceMs : null;
    return new Date(sinceMs ?? this.fallbackSinceMs()).toISOString();
  }

  failureOf(session: Session): Failure {
    const since = this.since(session);
    const isSuspended = this.#row.read()?.status === "suspended";
    const what = session.name === "draining" ? "was told to stop at" : "has had no link since";
    const why = isSuspended ? "The team has suspended the relay." : `The relay ${what} ${since}.`;
    return failure("relay_offline", `${why} Nothing was asked.`, { offline_since: since });
  }
}
