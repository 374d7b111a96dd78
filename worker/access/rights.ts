/**
 * What a relay object decides on: which rights of its team have changed lately (security: leases with
 * pushed snapshots). A caller comes with the version at which the team said what it may; where something of
 * its own has changed since, that word is outdated and the team has to be asked anew. Pure.
 */
import type { RelayStatus } from "../relay/status.ts";

/** How long a relay object may decide on a snapshot, from when it asked for it. */
export const LEASE_MS = 30_000;

/** What the team reckons with: the question's way there belongs to the lease. */
export const LEASE_HELD_MS = LEASE_MS + 2_000;

/** How long the Worker may go by what a team said of a credential. */
export const CALLER_KEPT_MS = 60_000;

/** How long a change is named; far longer than anybody goes by what was said before it. */
export const CHANGE_NAMED_MS = 10 * CALLER_KEPT_MS;

/** Of what a team has so much in a day. */
export type DayLimit = "calls" | "bytes";
/** Calls, and bytes that they were answered with. */
export type DayUse = Readonly<Record<DayLimit, number>>;

export interface RightsSnapshot {
  /** Of the team; every change raises it. */
  readonly version: number;
  /** Who was admitted at a lower version is outdated: what changed before it is named no more. */
  readonly floor: number;
  /** Principals and credentials, each with the version of its last change. */
  readonly changed: Readonly<Record<string, number>>;
  /** Of the relay that holds the lease. */
  readonly status: RelayStatus;
  /** The team has none left until then; Unix milliseconds. */
  readonly usedUpUntilMs?: number | undefined;
  readonly usedUp?: DayLimit | undefined;
}

export interface Holder {
  readonly id: string;
  readonly credential?: string | undefined;
  /** The team's, when it said what the holder may. */
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

/** When a change that takes rights away holds everywhere. */
export type Effect =
  | { readonly type: "now" }
  /** Somebody could not be told, and stops by themselves. */
  | { readonly type: "by"; readonly atMs: number };

export const NOW: Effect = { type: "now" };
