/** Which records are subscribed all the time. Pure. */
import type { Dialect } from "#shared/aimx/dialect.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";

/** For a host that does not state its cap: the lowest seen on live hosts. */
const ASSUMED_MAX_SUBSCRIPTIONS = 8;

export interface ObservationPlan {
  /** Subscribed as long as the connection lasts. */
  readonly standing: readonly RecordRow[];
  /** Subscribed when asked for, one at a time. */
  readonly onDemand: readonly RecordRow[];
}

/**
 * Rings first: only a subscription shows what they hold. Mailboxes never: a remote reader takes the
 * application's messages. One subscription of the host's cap stays free for the rest.
 */
export function planObservation(
  rows: readonly RecordRow[],
  maxSubscriptions: number | null,
  dialect: Pick<Dialect, "canSubscribe">,
): ObservationPlan {
  const observable = rows.filter(
    (row) => isObservable(row) && dialect.canSubscribe(row.record_key),
  );
  const rings = observable.filter((row) => row.buffer_type === "spmc_ring");
  const latest = observable.filter((row) => row.buffer_type === "single_latest");
  const cap = maxSubscriptions ?? ASSUMED_MAX_SUBSCRIPTIONS;
  const ordered = [...rings, ...latest];
  const standingCount = Math.max(0, cap - 1);
  return { standing: ordered.slice(0, standingCount), onDemand: ordered.slice(standingCount) };
}

export function isObservable({ buffer_type }: RecordRow): boolean {
  return buffer_type === "spmc_ring" || buffer_type === "single_latest";
}
