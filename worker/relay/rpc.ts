/** What the Worker may ask of a relay object. Values only: an error thrown across is a bug. */
import type { DeskBatch, DrainedBatch } from "#shared/desk/desk-batch.ts";
import type { Failure } from "#shared/failure.ts";
import type { WriteReport, WriteRequest } from "#shared/fleet/fleet.ts";
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import type { CallMethod } from "#shared/link/method.ts";
import type { Scope } from "#shared/access/scope.ts";
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

/** The device replaces its key: the first key vouches for the second. */
export interface Rotation {
  /** Signed by an accepted key. */
  readonly token: string;
  readonly publicKey: PublicKey;
  readonly nowMs: number;
}

export type RotationResult =
  | { readonly ok: true; readonly relay: string; readonly oldKeyUntilMs: number }
  | { readonly ok: false; readonly reason: "unauthorized" | "clock" };

export interface DescribedInstance extends Omit<AnnouncedInstance, "records"> {
  /** Null if the record list did not fit into the inventory, or no record was asked for. */
  readonly hasRecord: boolean | null;
  /** The closest names it has, if it does not have the record. */
  readonly nearestRecords?: readonly string[] | undefined;
  /** The answer to the call that came with the question, if it was made here. */
  readonly answer?: CallResult | undefined;
}

export interface DescribeQuery {
  readonly team: string;
  readonly record?: string | undefined;
  /** How long to wait at most for a relay that had a link a moment ago. */
  readonly waitMs?: number | undefined;
  /** A read for every instance that may have the record: saves a second question to the relay's object. */
  readonly ahead?: Omit<CallRequest, "id" | "instance"> | undefined;
}

export interface RelayDescription {
  readonly state:
    | { readonly name: "live"; readonly clockOffsetMs: number; readonly relayVersion: string }
    | { readonly name: "offline"; readonly sinceMs: number };
  /** From the last inventory, which is kept while the relay is offline. */
  readonly instances: readonly DescribedInstance[];
  readonly skipped: readonly string[];
}

/**
 * How often a device may be asked for one read: by the object that is asked first, and by the successor of one
 * that was reset.
 */
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

/** A tool call whose caller has gone. */
export interface CancelRequest {
  readonly team: string;
  /** The prefix of its calls' ids. */
  readonly cause: string;
}

export type CallResult =
  | {
      readonly ok: true;
      /** As the relay sent it: must be parsed by the method's result schema. */
      readonly value: unknown;
      /** Where the session clock starts, Unix milliseconds. */
      readonly sessionStartedAtMs: number;
      /** For a last known value: since when the relay has had no link, ISO-8601. */
      readonly staleSince?: string;
    }
  | Failed;

/** What the Worker relied on is outdated, and nothing was done: it looks that up anew and asks again. */
export type Outdated =
  /** The caller's rights. */
  | "rights"
  /** The object that the relay's name stands for. */
  | "relay";

export type Failed = {
  readonly ok: false;
  readonly failure: Failure;
  readonly outdated?: Outdated;
  /** Found out after the device was asked. */
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
  /** Random; the same if a read is repeated because its answer was lost. */
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

/** A signed-in person, never a token: what a model holds can't confirm anything. */
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
  /** What the person saw: `WriteQuestion.shown`. */
  readonly shown: string;
  readonly signInAgeMs: number;
}

/** What a page asks a person about a write. */
export interface WriteQuestion {
  readonly report: WriteReport;
  /** Who asked, and the person behind it; null for a service. */
  readonly principal: string;
  readonly person: string | null;
  /** Id of the token or grant that the write came with; null once it has ended. */
  readonly credential: string | null;
  readonly askedAtMs: number;
  /** Identifies the record's value at that time: an approval covers what was seen, not what came later. */
  readonly shown: string;
}

export interface RelayRpc {
  create(relay: RelayCreation): void;
  /** The dial. */
  fetch(request: Request): Promise<Response>;
  /** Null for another team, as if the relay did not exist. */
  describe(query: DescribeQuery): Promise<RelayDescription | null>;
  /** Its current state; null for another team, as if the relay did not exist. */
  presence(team: string): PresenceReport | null;
  /**
   * What the team has decided since: a relay that is not active loses its link, and waiting reads end whose
   * principals may no longer read.
   */
  setRights(snapshot: RightsSnapshot): void;
  /** Of a relay that was revoked: deletes everything for good, once the log has how each write ended. */
  erase(team: string): Promise<void>;
  rotate(rotation: Rotation): Promise<RotationResult>;
  call(request: CallRequest): Promise<CallResult>;
  /**
   * Ends waiting reads, and asks the device nothing new for them. Does nothing for a tool call without any here.
   */
  cancel(request: CancelRequest): void;
  subscribe(request: SubscribeRequest): Promise<SubscribeResult>;
  readSubscription(request: ReadRequest): Promise<ReadResult>;
  unsubscribe(request: UnsubscribeRequest): Promise<UnsubscribeResult>;
  drain(request: DrainRequest): Promise<DrainResult>;
  write(call: WriteCall): Promise<WriteResult>;
  writeReport(query: WriteQuery): Promise<WriteResult>;
  /** The answer of the client's user. */
  answerWrite(request: AnswerRequest): Promise<WriteResult>;
  /** For the page `/confirm/<call id>`: null for another team, as if the write did not exist. */
  readPending(query: { team: string; id: string }): Promise<WriteQuestion | null>;
  approve(request: ApprovalRequest): Promise<WriteResult>;
  decline(request: DeclineRequest): WriteResult;
}
