/** What the Worker may ask of a relay object. Values only: an error thrown across is a bug. */
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import type { Failure } from "#shared/failure.ts";
import type { WriteReport, WriteRequest } from "#shared/fleet.ts";
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { CallMethod } from "#shared/link/method.ts";
import type { Scope } from "#shared/scope.ts";
import type { RightsSnapshot } from "../access/rights.ts";
import type { Principal } from "../auth/principal.ts";
import type { PresenceReport } from "../team/events/events-rpc.ts";

export interface RelayCreation {
  readonly team: string;
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly installation: string;
  readonly createdAtMs: number;
}

/** Of the device's own wish: a second key, which the first one vouches for. */
export interface Rotation {
  /** Signed by a key that is accepted. */
  readonly token: string;
  readonly publicKey: PublicKey;
  readonly nowMs: number;
}

export type RotationResult =
  | { readonly ok: true; readonly relay: string; readonly oldKeyUntilMs: number }
  | { readonly ok: false; readonly reason: "unauthorized" | "clock" };

export interface DescribedInstance extends Omit<AnnouncedInstance, "records"> {
  /** Null if the record list did not fit into the inventory, or none was asked about. */
  readonly hasRecord: boolean | null;
  /** The closest names it has, where it does not have the record. */
  readonly nearestRecords?: readonly string[] | undefined;
  /** To the call that went with the question, where it was made here. */
  readonly answer?: CallResult | undefined;
}

export interface DescribeQuery {
  readonly team: string;
  readonly record?: string | undefined;
  /** So long at most, until a relay that had a link a moment ago is back. */
  readonly waitMs?: number | undefined;
  /** A read for every instance that may have the record: one question to the relay where there would be two. */
  readonly ahead?: Omit<CallRequest, "id" | "instance"> | undefined;
}

export interface RelayDescription {
  readonly state:
    | { readonly name: "live"; readonly clockOffsetMs: number; readonly relayVersion: string }
    | { readonly name: "offline"; readonly sinceMs: number };
  /** As of the last inventory, which an offline relay keeps. */
  readonly instances: readonly DescribedInstance[];
  readonly skipped: readonly string[];
}

/** How often a device may be asked for one read: by an object that is asked first, and by one that was reset. */
export type Asks = 2 | 1;

export interface CallRequest {
  readonly principal: Principal;
  /** 128 random bits in hex, made by the Worker. */
  readonly id: string;
  readonly instance: string;
  readonly method: CallMethod;
  readonly params: unknown;
  readonly deadlineMs: number;
  readonly asks?: Asks | undefined;
}

/** A tool call whose caller went away. */
export interface CancelRequest {
  readonly team: string;
  /** With which the ids of its calls begin. */
  readonly cause: string;
}

export type CallResult =
  | {
      readonly ok: true;
      /** As the relay sent it: to be parsed by the method's result schema. */
      readonly value: unknown;
      /** Where the session clock starts, Unix milliseconds. */
      readonly sessionStartedAtMs: number;
      /** A last known value, of a relay that has had no link since then: ISO-8601. */
      readonly staleSince?: string;
    }
  | Failed;

/** What the Worker went by is outdated, and nothing was done: it finds that out anew and asks again. */
export type Outdated =
  /** What the caller may. */
  | "rights"
  /** Which object the relay's name means. */
  | "relay";

export type Failed = {
  readonly ok: false;
  readonly failure: Failure;
  readonly outdated?: Outdated;
  /** It was found out when the device had been asked. */
  readonly wasAsked?: true;
};

type Answer<T> = ({ readonly ok: true } & T) | Failed;

export interface SubscribeRequest {
  readonly principal: Principal;
  readonly instance: string;
  readonly record: string;
  readonly durationMs: number;
  readonly maxEvents: number | null;
}
export type SubscribeResult = Answer<{ readonly id: string; readonly recordKey: string }>;

export interface ReadRequest {
  readonly principal: Principal;
  readonly id: string;
  /** Random, and the same where the read is asked again because its answer was lost. */
  readonly readId: string;
  readonly after?: string | undefined;
  readonly waitMs: number;
  readonly maxBytes: number;
  readonly asks?: Asks | undefined;
}
export type ReadResult = Answer<{ readonly batch: DeskBatch }>;

export interface UnsubscribeRequest {
  readonly principal: Principal;
  readonly id: string;
}
export type UnsubscribeResult = Answer<{ readonly status: "cancelled" | "already_ended" }>;

export interface DrainRequest {
  readonly principal: Principal;
  readonly instance: string;
  readonly record: string;
  readonly after?: string | undefined;
  readonly maxSamples: number;
  readonly maxBytes: number;
  readonly asks?: Asks | undefined;
}
export type DrainResult = Answer<{ readonly drained: DrainedBatch }>;

export interface WriteCall extends WriteRequest {
  readonly principal: Principal;
  /** 128 random bits in hex, made by the Worker. */
  readonly id: string;
  readonly instance: string;
}
export type WriteResult = Answer<{ readonly report: WriteReport }>;

export interface WriteQuery {
  readonly principal: Principal;
  readonly id: string;
}

export interface AnswerRequest extends WriteQuery {
  readonly accepted: boolean;
}

/** A signed-in person, never a token: what a model holds confirms nothing. */
export interface WriteApprover {
  readonly id: string;
  readonly scopes: readonly Scope[];
}

export interface DeclineRequest {
  readonly team: string;
  readonly id: string;
  readonly approver: WriteApprover;
}

export interface ApprovalRequest extends DeclineRequest {
  /** What the person saw, as `WriteQuestion.shown` had it. */
  readonly shown: string;
  readonly signInAgeMs: number;
}

/** What a page asks a person. */
export interface WriteQuestion {
  readonly report: WriteReport;
  /** Who asked; the person behind it, null for a service. */
  readonly principal: string;
  readonly person: string | null;
  /** Id of the token or grant it came with; null once the write has ended. */
  readonly credential: string | null;
  readonly askedAtMs: number;
  /** Names the value that the record held: an approval is of what was seen, not of what came later. */
  readonly shown: string;
}

export interface RelayRpc {
  create(relay: RelayCreation): void;
  /** The dial. */
  fetch(request: Request): Promise<Response>;
  /** Null for another team, as for a relay that does not exist. */
  describe(query: DescribeQuery): Promise<RelayDescription | null>;
  /** How it is now; null for another team, as for a relay that does not exist. */
  presence(team: string): PresenceReport | null;
  /** What the team decided since: a relay that is not active loses its link, and who may no longer read their wait. */
  setRights(snapshot: RightsSnapshot): void;
  rotate(rotation: Rotation): Promise<RotationResult>;
  call(request: CallRequest): Promise<CallResult>;
  /** Ends reads that wait, and asks the device nothing new for them. Nothing for a tool call that has none here. */
  cancel(request: CancelRequest): void;
  subscribe(request: SubscribeRequest): Promise<SubscribeResult>;
  readSubscription(request: ReadRequest): Promise<ReadResult>;
  unsubscribe(request: UnsubscribeRequest): Promise<UnsubscribeResult>;
  drain(request: DrainRequest): Promise<DrainResult>;
  write(call: WriteCall): Promise<WriteResult>;
  writeReport(query: WriteQuery): Promise<WriteResult>;
  /** What the client's user said. */
  answerWrite(request: AnswerRequest): Promise<WriteResult>;
  /** For the page `/confirm/<call id>`: null for another team, as for a write that does not exist. */
  readPending(query: { team: string; id: string }): Promise<WriteQuestion | null>;
  approve(request: ApprovalRequest): Promise<WriteResult>;
  decline(request: DeclineRequest): WriteResult;
}
