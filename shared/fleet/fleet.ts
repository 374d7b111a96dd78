/**
 * Everything a tool may ask of instances. The worker answers through Durable Objects and links, a
 * relay straight from its sockets; the MCP server is written once, against this.
 */
import type { Failure } from "../failure.ts";
import type { GraphPage, GraphQuery } from "./graph-page.ts";
import type { JsonValue } from "../json/json.ts";
import type { AnnouncedInstance } from "../link/inventory.ts";
import type { MethodResult, Params } from "../link/method.ts";
import type { LinkRecordRow } from "../link/methods/record-list.ts";
import type { EndedOutcome } from "../link/methods/record-set.ts";
import type { HistoryBucket } from "../link/methods/samples-history.ts";
import type { Gap } from "../link/methods/samples-read.ts";
import type { Loss, TimeSource } from "../link/sample.ts";
import type { Result } from "../result.ts";
import type { Scope } from "../access/scope.ts";

export interface Fleet {
  readonly scopes: readonly Scope[];
  /** Unix milliseconds, by the clock that answers' times use. */
  nowMs(): number;
  /** Every instance the principal may see; `record` asks which of them have it. */
  instances(query: InstancesQuery): Promise<InstanceOverview>;
  listRecords(instance: string, page: RecordPageQuery): Promise<Result<RecordPage, Failure>>;
  getRecord(instance: string, record: string): Promise<Result<RecordReading, Failure>>;
  /** In the order asked, each with its own outcome. MAX_RECORDS_PER_GET at most. */
  getRecords(
    instance: string,
    records: readonly string[],
    query?: { readonly tracePoints?: number },
  ): Promise<Result<readonly RecordEntry[], Failure>>;
  /** At most once. A failure means that nothing was begun. */
  setRecord(instance: string, write: WriteRequest): Promise<Result<WriteReport, Failure>>;
  /** The client's user's answer about a held write. Yes executes it. */
  answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>>;
  writeReport(callId: string): Promise<Result<WriteReport, Failure>>;
  schema(
    instance: string,
    query: { readonly record: string; readonly includeExample: boolean },
  ): Promise<Result<RecordSchema, Failure>>;
  history(instance: string, query: HistoryQuery): Promise<Result<History, Failure>>;
  /** What is new since the same principal's last drain of the record. */
  drain(instance: string, query: DrainQuery): Promise<Result<DrainBatch, Failure>>;
  graph(instance: string, query: GraphQuery): Promise<Result<GraphPage, Failure>>;
  diagnostics(
    instance: string,
    query: Params<"diagnostics.get">,
  ): Promise<Result<MethodResult<"diagnostics.get">, Failure>>;
  resetDiagnostics(
    instance: string,
    query: Params<"diagnostics.reset">,
  ): Promise<Result<MethodResult<"diagnostics.reset">, Failure>>;
  subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>>;
  /** Waits up to `waitMs` for samples and moves the subscription past what it gives. */
  readSubscription(
    id: string,
    read: SubscriptionQuery,
  ): Promise<Result<SubscriptionBatch, Failure>>;
  unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>>;
  /** Waits up to `waitMs` for a sample after `after`; without `after`, for the next one. */
  watch(instance: string, query: WatchQuery): Promise<Result<Watched, Failure>>;
}

export interface InstancesQuery {
  readonly record?: string | undefined;
  /** `getRecord` follows for each that may have it; an implementation may already ask them, to save time. */
  readonly willGet?: boolean | undefined;
}

export interface InstanceOverview {
  readonly instances: readonly InstanceRow[];
  /** Sockets that a relay looked at and did not take, with the reason. */
  readonly skipped: readonly { readonly relay: string; readonly reason: string }[];
  /** Relays that did not answer in time; their instances are missing here. */
  readonly failed: readonly { readonly relay: string; readonly failure: Failure }[];
  readonly relayCount: number;
}

export interface InstanceRow extends Omit<AnnouncedInstance, "records" | "state"> {
  /** `<relay>/<name>`. */
  readonly instance: string;
  readonly relay: string;
  /** `down`: the relay is there and can't reach the process. `offline`: the relay has no link. */
  readonly status: "up" | "down" | "offline";
  /** ISO-8601, with `offline`. */
  readonly offlineSince?: string | undefined;
  /** The relay's; absent if it has no link. */
  readonly relayVersion?: string | undefined;
  /** How far the device's clock is ahead of the caller's side; shown, never applied. */
  readonly clockOffsetMs?: number | undefined;
  /** Null if the relay's record list did not fit into its inventory. Only with a record query. */
  readonly hasRecord?: boolean | null | undefined;
  /** The closest names it has, if it does not have the record. */
  readonly nearestRecords?: readonly string[] | undefined;
}

export interface RecordPageQuery {
  readonly offset: number;
  readonly limit: number;
  readonly writableOnly: boolean;
  /** A glob over keys, or a part of a key or a type name. */
  readonly nameFilter?: string | undefined;
}

export interface RecordPage {
  readonly records: readonly ListedRecord[];
  readonly total: number;
  readonly nextOffset: number | null;
  /** Keys like a name filter that no record matches. */
  readonly nearest?: readonly string[] | undefined;
}

export interface ListedRecord extends Omit<LinkRecordRow, "latest"> {
  readonly latest: Latest | null;
}

/** The newest observed sample, without its value. */
export interface Latest {
  /** ISO-8601. */
  readonly timestamp: string;
  readonly timeSource: TimeSource;
  readonly ageMs: number;
  readonly sequence: number;
}

/** A sample with its time as the caller's side knows it. */
export interface TimedSample {
  readonly value: JsonValue;
  /** ISO-8601. The host's own digits if `timeSource` is `host`. */
  readonly timestamp: string;
  readonly timeSource: TimeSource;
  /** As of the answer; a lower bound if `timeSource` is `first_seen`. */
  readonly ageMs: number;
  readonly sequence: number | null;
  readonly epoch: string;
}

export interface RecordReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly sample: TimedSample;
  /** The last known value of a relay that has no link: ISO-8601, since when. */
  readonly staleSince?: string | undefined;
}

export interface RecordEntry {
  /** As it was asked for. */
  readonly record: string;
  readonly reading: Result<RecordReading, Failure>;
  /** How one of its numbers went lately; only if points were asked for and the relay keeps some. */
  readonly trace?: RecordTrace | undefined;
}

export interface RecordTrace {
  /** Its path in the value; `.` is the value itself. */
  readonly field: string;
  /** Oldest first, in Unix milliseconds. */
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

/** How a client can put a question to its user. */
export interface ClientAsks {
  /** A form in the client. */
  readonly form: boolean;
  /** A page to open. */
  readonly url: boolean;
}

export interface WriteRequest {
  readonly record: string;
  readonly value: JsonValue;
  /** What the record must hold for the write to happen. */
  readonly expected?: JsonValue | undefined;
  readonly isDryRun: boolean;
  readonly skipsValidation: boolean;
  /** A second request with the same key is the first one. */
  readonly idempotencyKey?: string | undefined;
  readonly asks: ClientAsks;
}

interface WriteReportHead {
  /** `<relay's id>.<random>`; the random part is also in the device's log. */
  readonly callId: string;
  /** `<relay>/<name>`. */
  readonly instance: string;
  readonly record: string;
  /** ISO-8601: when it ended, however often it is asked for; when it was so, of what has not ended. */
  readonly timestamp: string;
}

export interface AwaitingWrite extends WriteReportHead {
  readonly status: "awaiting_confirmation";
  /** Who has to approve: somebody on the worker's page, the client's user, or the device's operator. */
  readonly by: "human" | "client" | "device";
  /** Undefined if the record holds nothing, or can't be read without taking it. */
  readonly current?: JsonValue | undefined;
  readonly requested: JsonValue;
  readonly confirmUrl?: string | undefined;
  /** ISO-8601. */
  readonly expiresAt: string;
}

export interface CheckedWrite extends WriteReportHead {
  readonly status: "checked";
  readonly current?: JsonValue | undefined;
  readonly warnings: readonly string[];
  readonly by: AwaitingWrite["by"] | "nobody";
}

export interface EndedWrite extends WriteReportHead {
  readonly status: "ended";
  readonly outcome: EndedOutcome;
}

/** Nobody approved it. Nothing was written. */
export interface UnapprovedWrite extends WriteReportHead {
  readonly status: "declined" | "expired";
}

export type WriteReport = AwaitingWrite | CheckedWrite | EndedWrite | UnapprovedWrite;

export interface RecordSchema {
  readonly recordKey: string;
  readonly typeName: string;
  /** JSON Schema 2020-12; a field with a known unit has it as `unit`. */
  readonly schema: JsonValue;
  readonly sampleCount: number;
  /** ISO-8601: when the oldest sample it was inferred from was observed. */
  readonly since: string | null;
  readonly guessed: readonly string[];
  readonly example?: TimedSample | undefined;
}

export interface HistoryQuery {
  readonly record: string;
  /** Before now; 0 is now. Absent: all there is. */
  readonly fromAgeMs?: number | undefined;
  readonly toAgeMs?: number | undefined;
  readonly maxPoints: number;
  readonly bucketMs?: number | undefined;
  readonly maxBytes: number;
}

export interface History {
  readonly recordKey: string;
  readonly loss: Loss;
  /** The host's own persistence, or what the relay kept while watching. */
  readonly source: "host" | "relay";
  /** Oldest first; empty if buckets were asked for. */
  readonly samples: readonly TimedSample[];
  readonly buckets?: readonly TimedBucket[] | undefined;
  /** How many samples the span holds; at least that many if it is not exact. */
  readonly total: number;
  readonly isTotalExact: boolean;
  readonly gaps: readonly Gap[];
  /** ISO-8601: the oldest sample that the source still has. */
  readonly oldest: string | null;
  readonly hostReason?: string | undefined;
}

export interface TimedBucket extends Omit<HistoryBucket, "at_ms"> {
  /** ISO-8601: where it begins. */
  readonly timestamp: string;
}

export interface DrainQuery {
  readonly record: string;
  /** `next` of an earlier drain, to get what came after it again. Undefined: after the last sample drained. */
  readonly after?: string | undefined;
  readonly maxSamples: number;
  readonly maxBytes: number;
}

export type DrainBatch =
  | {
      readonly from: "samples";
      readonly recordKey: string;
      readonly loss: Loss;
      /** Oldest first. */
      readonly samples: readonly TimedSample[];
      readonly gaps: readonly Gap[];
      /** The `after` of a drain that continues this one. Opaque. */
      readonly next: string;
      readonly more: boolean;
      /** The principal never drained the record before: this is what was kept until now. */
      readonly isFirst: boolean;
    }
  /** The host's own drain, whose cursor all callers share. */
  | {
      readonly from: "host";
      readonly recordKey: string;
      readonly values: readonly JsonValue[];
      readonly more: boolean;
      /** The cursor begins with this drain: what was produced before is not in it. */
      readonly isFirst: boolean;
    };

export interface SubscribeRequest {
  readonly instance: string;
  readonly record: string;
  readonly durationMs: number;
  readonly maxEvents: number | undefined;
}

export interface SubscriptionHandle {
  readonly id: string;
  readonly recordKey: string;
}

export interface SubscriptionQuery {
  /** `next` of an earlier batch, to get what came after it again. Undefined: after the last sample delivered. */
  readonly after?: string | undefined;
  readonly waitMs: number;
  readonly maxBytes: number;
}

export interface SubscriptionBatch {
  readonly instance: string;
  readonly recordKey: string;
  readonly loss: Loss;
  /** Oldest first. */
  readonly samples: readonly TimedSample[];
  readonly gaps: readonly Gap[];
  /** The `after` of a read that continues this one. Opaque. */
  readonly next: string;
  /** Nothing more will come under this id. */
  readonly complete: boolean;
}

export type UnsubscribeStatus = "cancelled" | "already_ended";

export interface WatchQuery {
  readonly record: string;
  /** `next` of the previous watch. */
  readonly after?: string | undefined;
  readonly waitMs: number;
}

export interface Watched {
  readonly changed: boolean;
  /** Opaque. */
  readonly next: string;
}
