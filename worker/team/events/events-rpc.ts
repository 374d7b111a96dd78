/** What the Worker asks a team object for its event streams, and what relay objects tell it for them. */
import type { Holder } from "../../access/rights.ts";
import type { RelayStatus } from "../../relay/status.ts";

/** How a relay is, as its object sees it. */
export interface PresenceReport {
  /** By the relay object's clock, so that one that was overtaken is not taken for news. */
  readonly atMs: number;
  readonly connected: boolean;
  readonly sinceMs: number;
  readonly instances: readonly { readonly name: string; readonly state: "up" | "down" }[];
}

/** The same as readers are told. */
export interface RelayPresence {
  readonly relay: string;
  readonly label: string;
  readonly status: RelayStatus;
  /** Null: its object has not told yet. */
  readonly connected: boolean | null;
  /** ISO-8601. */
  readonly since: string | null;
  readonly instances: readonly {
    readonly instance: string;
    readonly status: "up" | "down" | "offline";
  }[];
}

export interface PresenceEvent {
  /** Rises, and stays with the team for good. */
  readonly seq: number;
  readonly event: "relay" | "instance";
  readonly data: Readonly<Record<string, unknown>>;
}

/** What there is behind a place. */
export interface Heard {
  readonly events: readonly PresenceEvent[];
  /** All relays as they are: for who comes anew, or has missed more than is kept. */
  readonly relays: readonly RelayPresence[] | null;
  /** Something between the place and now is not kept any more. */
  readonly isGap: boolean;
  /** The place behind all this. */
  readonly last: number;
}

export interface OpenEvents {
  readonly holder: Holder;
  /** Names the stream; `resumes` the one in whose place it comes. */
  readonly stream: string;
  readonly resumes: string | null;
  /** Null begins anew. */
  readonly after: number | null;
}

export interface HearEvents {
  readonly holder: Holder;
  readonly stream: string;
  readonly after: number;
  readonly waitMs: number;
  /** What its reader got since it told last; a Worker of an earlier release does not tell. */
  readonly bytes?: number;
}

export interface LeaveEvents {
  readonly holder: Holder;
  readonly stream: string;
  /** As `HearEvents` has them. */
  readonly bytes?: number;
}

export type OpenedEvents =
  | { readonly type: "heard"; readonly heard: Heard }
  /** What the holder may has changed since it was admitted. */
  | { readonly type: "outdated" }
  | { readonly type: "too_many"; readonly retryAfterS: number };

export type HeardEvents =
  | { readonly type: "heard"; readonly heard: Heard }
  | { readonly type: "outdated" }
  /** Its reader goes on in another one. */
  | { readonly type: "replaced" };

export interface TeamEventsRpc {
  openEvents(asked: OpenEvents): Promise<OpenedEvents>;
  /** Answers as soon as there is something to hear. */
  hearEvents(asked: HearEvents): Promise<HeardEvents>;
  leaveEvents(asked: LeaveEvents): void;
  notePresence(relayId: string, report: PresenceReport): void;
}
