/** What a team object does for event streams; what they report is in team-events.ts. */
import { after } from "../../after.ts";
import type { Env } from "../../env.ts";
import { logEvent } from "../../log.ts";
import type { RelayStatus } from "../../relay/status.ts";
import type {
  HearEvents,
  HeardEvents,
  LeaveEvents,
  OpenedEvents,
  OpenEvents,
  PresenceReport,
  TeamEventsRpc,
} from "./events-rpc.ts";
import { LoggedTeamObject } from "../log/logged-team-object.ts";
import { findRelayByObject } from "../relays/relays.ts";
import { TeamEvents } from "./team-events.ts";

export abstract class EventsTeamObject extends LoggedTeamObject implements TeamEventsRpc {
  protected readonly events: TeamEvents;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.events = new TeamEvents({
      sql: ctx.storage.sql,
      clock: { nowMs: Date.now, after },
      isOutdated: (holder) => this.isOutdated(holder),
      look: (relayId) => this.#look(relayId),
    });
  }

  async openEvents(asked: OpenEvents): Promise<OpenedEvents> {
    return this.exists() ? this.events.open(asked) : { type: "outdated" };
  }

  async hearEvents({ bytes = 0, ...asked }: HearEvents): Promise<HeardEvents> {
    if (!this.exists()) return { type: "outdated" };
    this.noteDailyUse({ calls: 0, bytes }, Date.now());
    return this.events.hear(asked);
  }

  leaveEvents({ bytes = 0, ...asked }: LeaveEvents): void {
    if (this.exists()) this.noteDailyUse({ calls: 0, bytes }, Date.now());
    this.events.leave(asked);
  }

  notePresence(relayId: string, report: PresenceReport): RelayStatus {
    if (!this.exists()) return "revoked";
    this.events.note(relayId, report);
    return findRelayByObject(this.ctx.storage.sql, relayId)?.status ?? "revoked";
  }

  protected override noteRights(subjects: readonly string[]): void {
    super.noteRights(subjects);
    this.events.onRights();
  }

  protected override noteRightsOfAll(): void {
    super.noteRightsOfAll();
    this.events.onRights();
  }

  async #look(relayId: string): Promise<PresenceReport | null> {
    const { RELAY } = this.env;
    try {
      return await RELAY.get(RELAY.idFromString(relayId)).presence(this.ctx.id.toString());
    } catch (error) {
      logEvent("warn", "relay_object_lost", { reason: String(error) });
      return null;
    }
  }
}
