/**
 * Tool calls whose callers went away: nothing is asked for them that was not asked yet. In memory only: an object that
 * was reset has nothing of theirs under way.
 */
import type { Principal } from "../../auth/principal.ts";

/** More than are under way here, so that none that goes on is forgotten. */
const MAX_KEPT = 256;

export class LeftCalls {
  /** Oldest first. */
  readonly #causes = new Set<string>();

  add(cause: string): void {
    this.#causes.add(cause);
    const [oldest] = this.#causes;
    if (oldest !== undefined && this.#causes.size > MAX_KEPT) this.#causes.delete(oldest);
  }

  has({ cause }: Pick<Principal, "cause">): boolean {
    return cause !== undefined && this.#causes.has(cause);
  }
}
