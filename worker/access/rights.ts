/**
 * What a relay object decides on: which rights in its team have changed lately (security: leases with pushed
 * snapshots). A caller comes with the version at which the team stated its rights; if something about the
 * caller has changed since, that statement is outdated and the team is asked again. Pure.
 */
import type { RelayStatus } from "../relay/status.ts";

/** How long a relay object may decide on a snapshot, counted from when it asked for it. */
export const LEASE_MS = 30_000;

/** How long the team counts a lease, from its answer: always longer than the relay object counts, from its question. */
export const LEASE_HELD_MS = LEASE_MS + 2_000;

/** How long the Worker may rely on what a team said about a credential. */
export const CALLER_KEPT_MS = 60_000;

/** How long a change stays listed: far longer than anybody relies on what was said before it. */
export const CHANGE_NAMED_MS = 10 * CALLER_KEPT_MS;

/** What a team has a daily amount of. */
export type DayLimit = "calls" | "bytes";
/** Calls, and bytes of their answers. */
export type DayUse = Readonly<Record<DayLimit, number>>;

export interface RightsSnapshot {
  /** The team's; every change raises it. */
  readonly version: number;
  /** Anybody admitted at a lower version is outdated: earlier changes are no longer listed. */
  readonly floor: number;
  /** Principals and credentials, each with the version of its last change. */
  readonly changed: Readonly<Record<string, number>>;
  /** Status of the relay that holds the lease. */
  readonly status: RelayStatus;
  /** The team has used up its day until then; Unix milliseconds. */
  readonly usedUpUntilMs?: number | undefined;
  readonly usedUp?: DayLimit | undefined;
}

export interface Holder {
  readonly id: string;
  readonly credential?: string | undefined;
  /** The team's version when it stated the holder's rights. */
  readonly rightsVersion: number;
}

export function isOutdated(
  { floor, changed }: Pick<RightsSnapshot, "floor" | "changed">,
  { id, credential, rightsVersion }: Holder,
): boolean {
  if (rightsVersion < floor) return true;
  const lastChange = (subject: string | undefined) =>
    subject !== undefined && Object.hasOwn(changed, subject) ? (changed[subject] ?? 0) : 0;
  return Math.max(lastChange(id), lastChange(credential)) > rightsVersion;
}

/** When a change that takes rights away takes effect everywhere. */
export type Effect =
  | { readonly type: "now" }
  /** Some holder could not be told; its lease runs out by then. */
  | { readonly type: "by"; readonly atMs: number };

export const NOW: Effect = { type: "now" };
