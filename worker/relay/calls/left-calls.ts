/**
 * Tool calls whose callers have gone: nothing more is asked for them. In memory only: an object that was reset has
 * none of theirs in progress.
 */
import type { Principal } from "../../auth/principal.ts";
import { RecentKeys } from "../../recent-keys.ts";

/** More than can be in progress here, so that none that continues is forgotten. */
const MAX_KEPT = 256;

export class LeftCalls {
  readonly #causes = new RecentKeys(MAX_KEPT);

  add(cause: string): void {
    this.#causes.add(cause);
  }

  has({ cause }: Pick<Principal, "cause">): boolean {
    return cause !== undefined && this.#causes.has(cause);
  }
}
