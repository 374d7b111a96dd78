/** What a team object does for metrics. */
import type { Env } from "../../env.ts";
import type { RelayCounts } from "../../relay/link/link-counts.ts";
import { EventsTeamObject } from "../events/events-team-object.ts";
import type { TeamMetricsRpc, TeamNumbers } from "./metrics-rpc.ts";
import { findRelayByObject } from "../relays/relays.ts";
import { TeamCounts } from "./team-counts.ts";

export abstract class MeasuredTeamObject extends EventsTeamObject implements TeamMetricsRpc {
  protected readonly counts: TeamCounts;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.counts = new TeamCounts(ctx.storage.sql);
  }

  noteCounts(relayId: string, counts: RelayCounts): void {
    const isKnown = this.exists() && findRelayByObject(this.ctx.storage.sql, relayId) !== undefined;
    if (isKnown) this.counts.noteRelay(counts);
  }

  numbers(): TeamNumbers | null {
    if (!this.exists()) return null;
    const relays = { connected: 0, offline: 0, suspended: 0 };
    const instances = { up: 0, down: 0, offline: 0 };
    for (const relay of this.events.relays()) {
      if (relay.status === "suspended") relays.suspended += 1;
      else relays[relay.connected === true ? "connected" : "offline"] += 1;
      for (const { status } of relay.instances) instances[status] += 1;
    }
    return { counts: this.counts.read(), relays, instances, today: this.usedToday ?? null };
  }
}
