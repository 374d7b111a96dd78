/**
 * Tool calls whose callers have gone: nothing more is asked for them. In memory only: an object that was reset has
 * none of theirs in progress.
 */
import type { Principal } from "../../auth/principal.ts";

/** More than can be in progress here, so that none that continues is forgotten. */
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
