/** What the Worker asks a team object for its event streams, and what relay objects report to it for them. */
import type { Holder } from "../../access/rights.ts";
import type { RelayStatus } from "../../relay/status.ts";

/** A relay's state, as its object sees it. */
export interface PresenceReport {
  /** By the relay object's clock, so that a report that arrives after a newer one is not taken for news. */
  readonly atMs: number;
  readonly connected: boolean;
  readonly sinceMs: number;
  readonly instances: readonly { readonly name: string; readonly state: "up" | "down" }[];
}

/** The same in the form that readers get. */
export interface RelayPresence {
  readonly relay: string;
  readonly label: string;
  readonly status: RelayStatus;
  /** Null: its object has not reported yet. */
  readonly connected: boolean | null;
  /** ISO-8601. */
  readonly since: string | null;
  readonly instances: readonly {
    readonly instance: string;
    readonly status: "up" | "down" | "offline";
  }[];
}

export interface PresenceEvent {
  /** Increases, and is never reused within the team. */
  readonly seq: number;
  readonly event: "relay" | "instance";
  readonly data: Readonly<Record<string, unknown>>;
}

/** The events after a number. */
export interface Heard {
  readonly events: readonly PresenceEvent[];
  /** The state of all relays: for a reader that starts afresh, or has missed more than is kept. */
  readonly relays: readonly RelayPresence[] | null;
  /** Some events between the number and now are no longer kept. */
  readonly isGap: boolean;
  /** The number of the last event. */
  readonly last: number;
}

export interface OpenEvents {
  readonly holder: Holder;
  /** Identifies the stream; `resumes` is the one that it replaces. */
  readonly stream: string;
  readonly resumes: string | null;
  /** Null starts afresh. */
  readonly after: number | null;
}

export interface HearEvents {
  readonly holder: Holder;
  readonly stream: string;
  readonly after: number;
  readonly waitMs: number;
  /** What its reader received since the last report; a Worker of an earlier release does not report it. */
  readonly bytes?: number;
}

export interface LeaveEvents {
  readonly holder: Holder;
  readonly stream: string;
  /** As in `HearEvents`. */
  readonly bytes?: number;
}

export type OpenedEvents =
  | { readonly type: "heard"; readonly heard: Heard }
  /** The holder's rights have changed since it was admitted. */
  | { readonly type: "outdated" }
  | { readonly type: "too_many"; readonly retryAfterS: number };

export type HeardEvents =
  | { readonly type: "heard"; readonly heard: Heard }
  | { readonly type: "outdated" }
  /** The reader continues in another stream. */
  | { readonly type: "replaced" };

export interface TeamEventsRpc {
  openEvents(asked: OpenEvents): Promise<OpenedEvents>;
  /** Answers as soon as there is an event. */
  hearEvents(asked: HearEvents): Promise<HeardEvents>;
  leaveEvents(asked: LeaveEvents): void;
  /** Answers with what the team has decided about the relay; one that it does not have is revoked. */
  notePresence(relayId: string, report: PresenceReport): RelayStatus;
}
