/** A running relay's status, from its parts. */
import type { AnnouncedInstance, SkippedSocket } from "#shared/link/inventory.ts";
import type { ContinuityState } from "../identity/continuity.ts";
import type { Identity } from "../identity/identity.ts";
import type { BreakerState } from "../instances/host/breaker.ts";
import type { LinkStatus } from "../link/link-status.ts";
import { STORE_LIMIT_BYTES, type SampleStore } from "../store/sample-store.ts";
import type { BudgetState } from "../traffic/link-budget.ts";
import type { PeriodName } from "../traffic/periods.ts";
import type { TrafficNow } from "../traffic/traffic.ts";
import { RELAY_VERSION } from "../version.ts";
import type { RelayTotals } from "./relay-counts.ts";
import type { Problem, RelayStatus } from "./relay-status.ts";
import type { ToldStatus } from "./told-status.ts";

export interface RelayParts {
  readonly identity: Identity;
  readonly upMs: number;
  readonly link: LinkStatus;
  readonly continuity: ContinuityState;
  readonly instances: readonly AnnouncedInstance[];
  readonly skipped: readonly SkippedSocket[];
  readonly notServedCount: number;
  /** By the instance's name. */
  readonly breakers: ReadonlyMap<string, BreakerState["name"]>;
  readonly traffic: TrafficNow;
  /** Undefined: the line is not metered. */
  readonly budget: BudgetState | undefined;
  readonly counts: RelayTotals;
  readonly store: Pick<SampleStore, "bytes" | "shedCount">;
  readonly problems: readonly Problem[];
}

export function describeRelay(parts: RelayParts): RelayStatus {
  const { identity, upMs, link, continuity, instances, skipped, store, problems } = parts;
  const { calls, caches, dials, links, bytesReceived, bytesSent } = parts.counts;
  return {
    relay: identity.relay,
    team: identity.team.name,
    worker: new URL(identity.link_url).host,
    version: RELAY_VERSION,
    pid: process.pid,
    up_ms: Math.round(upMs),
    link,
    continuity,
    instances: instances.map((instance) => ({
      name: instance.name,
      socket_path: instance.socket_path,
      state: instance.state,
      reason: instance.reason ?? null,
      protocol_version: instance.protocol_version ?? null,
      record_count: instance.record_count,
      writable_count: instance.writable_count,
      breaker: parts.breakers.get(instance.name) ?? "closed",
    })),
    not_served: parts.notServedCount,
    skipped: [...skipped],
    store: {
      bytes: store.bytes,
      limit_bytes: STORE_LIMIT_BYTES,
      dropped_samples: store.shedCount,
    },
    traffic: describeTraffic(parts),
    counts: {
      calls,
      caches,
      dials,
      links,
      bytes_received: bytesReceived,
      bytes_sent: bytesSent,
    },
    problems: [...problems],
  };
}

function describeTraffic({
  traffic,
  budget,
}: Pick<RelayParts, "traffic" | "budget">): RelayStatus["traffic"] {
  const period = (name: PeriodName) => ({
    begin: new Date(traffic[name].beginMs).toISOString(),
    sent_bytes: traffic[name].sent,
    received_bytes: traffic[name].received,
    budget_bytes: budget?.limits[name] ?? null,
  });
  return {
    hour: period("hour"),
    month: period("month"),
    passes: budget?.spending ?? "all",
    until: budget?.untilMs === undefined ? null : new Date(budget.untilMs).toISOString(),
  };
}

/** One line, as `systemctl status` shows it. */
export function headlineOf({ link, worker, instances }: ToldStatus): string {
  const up = instances.filter(({ state }) => state === "up").length;
  const serving = `${up} of ${instances.length} instances up`;
  switch (link.state) {
    case "live":
      return `Linked to ${worker}; ${serving}`;
    case "draining":
      return `Stopping; ${link.calls_under_way} calls under way`;
    case "stopped":
      return link.last_failure ?? "Stopped";
    case "waiting":
    case "dialing":
    case "greeting":
      return link.last_failure === null
        ? `Dialing ${worker}; ${serving}`
        : `No link to ${worker}: ${link.last_failure}; ${serving}`;
  }
}
