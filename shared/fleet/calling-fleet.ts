/**
 * A fleet over link methods: `FleetCalls` reaches an instance; what is asked and how answers are read is here, the same
 * for a worker with links and a relay beside its hosts.
 */
import type * as z from "zod/mini";
import type { DeskBatch, DrainedBatch } from "../desk/desk-batch.ts";
import { MALFORMED } from "../desk/desk-call.ts";
import { failure, type Failure } from "../failure.ts";
import type {
  DrainBatch,
  DrainQuery,
  Fleet,
  History,
  HistoryQuery,
  InstanceOverview,
  InstancesQuery,
  ListedRecord,
  RecordEntry,
  RecordPage,
  RecordPageQuery,
  RecordReading,
  RecordSchema,
  RecordTrace,
  SubscribeRequest,
  SubscriptionBatch,
  SubscriptionHandle,
  SubscriptionQuery,
  UnsubscribeStatus,
  WatchQuery,
  Watched,
  WriteReport,
  WriteRequest,
} from "./fleet.ts";
import { pageOfGraph, type GraphPage, type GraphQuery } from "./graph-page.ts";
import { METHODS, type CallMethod, type MethodResult, type Params } from "../link/method.ts";
import type { LinkTrace } from "../link/methods/record-get.ts";
import type { LinkRecordRow } from "../link/methods/record-list.ts";
import { err, ok, type Result } from "../result.ts";
import type { Scope } from "../access/scope.ts";
import { toTimedSample, toUnixMs } from "./timed-sample.ts";
import { parseWatchCursor, watchCursor } from "./watch-cursor.ts";
import { safeParse } from "../parse/safe-parse.ts";

/** Clients give up at 60 s, some sooner. */
const READ_DEADLINE_MS = 15_000;

/** In addition to the wait itself, for the relay to answer. */
const WATCH_MARGIN_MS = 5_000;

export interface FleetCall {
  readonly instance: string;
  readonly method: CallMethod;
  readonly params: unknown;
  readonly deadlineMs: number;
}

/** `ahead` may be asked of each instance that may have the record, before `call` is made for it. It only reads. */
export interface InstancesCall {
  readonly record?: string | undefined;
  readonly ahead?: Omit<FleetCall, "instance"> | undefined;
}

export interface FleetAnswer {
  /** To be parsed by the method's result schema. */
  readonly value: unknown;
  /** Where the session clock starts, Unix milliseconds. */
  readonly sessionStartedAtMs: number;
  /** A last known value, of a relay that has had no link since then: ISO-8601. */
  readonly staleSince?: string | undefined;
}

export interface FleetCalls {
  readonly scopes: readonly Scope[];
  readonly nowMs: () => number;
  instances(query: InstancesCall): Promise<InstanceOverview>;
  call(call: FleetCall): Promise<Result<FleetAnswer, Failure>>;
  write(instance: string, write: WriteRequest): Promise<Result<WriteReport, Failure>>;
  answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>>;
  writeReport(callId: string): Promise<Result<WriteReport, Failure>>;
  drain(instance: string, query: DrainQuery): Promise<Result<DrainedBatch, Failure>>;
  subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>>;
  readSubscription(id: string, read: SubscriptionQuery): Promise<Result<DeskBatch, Failure>>;
  unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>>;
}

interface Answer<T> {
  readonly value: T;
  readonly startedAtMs: number;
  readonly staleSince: string | undefined;
}

export class CallingFleet implements Fleet {
  readonly scopes: readonly Scope[];
  readonly #calls: FleetCalls;

  constructor(calls: FleetCalls) {
    this.#calls = calls;
    this.scopes = calls.scopes;
  }

  nowMs(): number {
    return this.#calls.nowMs();
  }

  instances({ record, willGet }: InstancesQuery): Promise<InstanceOverview> {
    const ahead =
      willGet === true && record !== undefined
        ? ({ method: "record.get", params: { record }, deadlineMs: READ_DEADLINE_MS } as const)
        : undefined;
    return this.#calls.instances({ record, ahead });
  }

  async listRecords(
    instance: string,
    { offset, limit, writableOnly, nameFilter }: RecordPageQuery,
  ): Promise<Result<RecordPage, Failure>> {
    const answer = await this.#ask(instance, "record.list", {
      offset,
      limit,
      writable_only: writableOnly,
      ...(nameFilter === undefined ? {} : { name_filter: nameFilter }),
    });
    if (!answer.ok) return answer;
    const { value, startedAtMs } = answer.value;
    const nowMs = this.#calls.nowMs();
    const records = value.records.map((row) => toListed(row, startedAtMs, nowMs));
    const { total, next_offset: nextOffset, nearest } = value;
    return ok({ records, total, nextOffset, ...(nearest === undefined ? {} : { nearest }) });
  }

  async getRecord(instance: string, record: string): Promise<Result<RecordReading, Failure>> {
    const answer = await this.#ask(instance, "record.get", { record });
    return answer.ok ? ok(this.#toReading(answer.value)) : answer;
  }

  async getRecords(
    instance: string,
    records: readonly string[],
    { tracePoints }: { readonly tracePoints?: number } = {},
  ): Promise<Result<readonly RecordEntry[], Failure>> {
    const answer = await this.#ask(instance, "record.get_many", {
      records: [...records],
      ...(tracePoints === undefined ? {} : { trace_points: tracePoints }),
    });
    if (!answer.ok) return answer;
    const { value, ...about } = answer.value;
    return ok(
      value.entries.map(
        ({ record, ok: reading, err: code = "internal", message, details, trace }) => ({
          record,
          reading:
            reading === undefined
              ? err(failure(code, message ?? "The relay refused.", details))
              : ok(this.#toReading({ value: reading, ...about })),
          ...(trace === undefined ? {} : { trace: toTrace(trace, about.startedAtMs) }),
        }),
      ),
    );
  }

  setRecord(instance: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    return this.#calls.write(instance, write);
  }

  answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    return this.#calls.answerWrite(callId, accepted);
  }

  writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    return this.#calls.writeReport(callId);
  }

  async schema(
    instance: string,
    { record, includeExample }: { record: string; includeExample: boolean },
  ): Promise<Result<RecordSchema, Failure>> {
    const params = { record, include_example: includeExample };
    const answer = await this.#ask(instance, "record.schema", params);
    if (!answer.ok) return answer;
    const { value, startedAtMs } = answer.value;
    const { record_key, type_name, schema, inferred_from, guessed, example } = value;
    return ok({
      recordKey: record_key,
      typeName: type_name,
      schema,
      sampleCount: inferred_from.samples,
      since: toIsoAt(inferred_from.since_at_ms, startedAtMs),
      guessed,
      ...(example === undefined
        ? {}
        : { example: toTimedSample(example, startedAtMs, this.#calls.nowMs()) }),
    });
  }

  async history(instance: string, query: HistoryQuery): Promise<Result<History, Failure>> {
    const answer = await this.#ask(instance, "samples.history", toHistoryParams(query));
    if (!answer.ok) return answer;
    const { value, startedAtMs } = answer.value;
    const nowMs = this.#calls.nowMs();
    const { record_key, loss, source, samples, buckets, total, gaps, oldest_at_ms } = value;
    return ok({
      recordKey: record_key,
      loss,
      source,
      samples: samples.map((sample) => toTimedSample(sample, startedAtMs, nowMs)),
      buckets: buckets?.map(({ at_ms, ...bucket }) => ({
        ...bucket,
        timestamp: toIso(toUnixMs(at_ms, startedAtMs)),
      })),
      total,
      isTotalExact: value.is_total_exact,
      gaps,
      oldest: toIsoAt(oldest_at_ms, startedAtMs),
      hostReason: value.host_reason,
    });
  }

  async drain(instance: string, query: DrainQuery): Promise<Result<DrainBatch, Failure>> {
    const drained = await this.#calls.drain(instance, query);
    if (!drained.ok) return drained;
    if (drained.value.from === "host") return ok(drained.value);
    const { samples, sessionStartedAtMs, ...batch } = drained.value;
    const nowMs = this.#calls.nowMs();
    return ok({
      ...batch,
      samples: samples.map((sample) => toTimedSample(sample, sessionStartedAtMs, nowMs)),
    });
  }

  async graph(
    instance: string,
    { record, offset, limit }: GraphQuery,
  ): Promise<Result<GraphPage, Failure>> {
    const asked = { offset, limit, ...(record === undefined ? {} : { record }) };
    const graph = await this.#askPlain(instance, "graph.get", asked);
    return graph.ok ? pageOfGraph(graph.value, { record, offset, limit }) : graph;
  }

  diagnostics(
    instance: string,
    query: Params<"diagnostics.get">,
  ): Promise<Result<MethodResult<"diagnostics.get">, Failure>> {
    return this.#askPlain(instance, "diagnostics.get", query);
  }

  resetDiagnostics(
    instance: string,
    query: Params<"diagnostics.reset">,
  ): Promise<Result<MethodResult<"diagnostics.reset">, Failure>> {
    return this.#askPlain(instance, "diagnostics.reset", query);
  }

  subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    return this.#calls.subscribe(request);
  }

  async readSubscription(
    id: string,
    read: SubscriptionQuery,
  ): Promise<Result<SubscriptionBatch, Failure>> {
    const result = await this.#calls.readSubscription(id, read);
    if (!result.ok) return result;
    const { samples, sessionStartedAtMs, ...batch } = result.value;
    const nowMs = this.#calls.nowMs();
    return ok({
      ...batch,
      samples: samples.map((sample) => toTimedSample(sample, sessionStartedAtMs, nowMs)),
    });
  }

  unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    return this.#calls.unsubscribe(id);
  }

  async watch(
    instance: string,
    { record, after, waitMs }: WatchQuery,
  ): Promise<Result<Watched, Failure>> {
    const cursor = parseWatchCursor(after);
    const read = { record, wait_ms: waitMs, max_samples: 1, max_bytes: 1 };
    const params = cursor === undefined ? read : { ...read, after: cursor };
    const waited = await this.#ask(instance, "samples.read", params, {
      deadlineMs: waitMs + WATCH_MARGIN_MS,
    });
    if (!waited.ok) return waited;
    const { samples, gaps, cursor: next } = waited.value.value;
    if (samples.length === 0) return ok({ changed: gaps.length > 0, next: watchCursor(next) });
    // One change, however many samples: the next watch starts after all of them.
    const rest = { record, after: next, wait_ms: GATHER_MS, ...ALL_THERE_IS };
    const newest = await this.#ask(instance, "samples.read", rest);
    if (!newest.ok) return newest;
    return ok({ changed: true, next: watchCursor(newest.value.value.cursor) });
  }

  #toReading({
    value,
    startedAtMs,
    staleSince,
  }: Answer<MethodResult<"record.get">>): RecordReading {
    const sample = toTimedSample(value.sample, startedAtMs, this.#calls.nowMs());
    const reading = { recordKey: value.record_key, loss: value.loss, sample };
    return staleSince === undefined ? reading : { ...reading, staleSince };
  }

  async #askPlain<M extends CallMethod>(
    instance: string,
    method: M,
    params: Params<M>,
  ): Promise<Result<MethodResult<M>, Failure>> {
    const answer = await this.#ask(instance, method, params);
    return answer.ok ? ok(answer.value.value) : answer;
  }

  async #ask<M extends CallMethod>(
    instance: string,
    method: M,
    params: Params<M>,
    { deadlineMs = READ_DEADLINE_MS }: { deadlineMs?: number } = {},
  ): Promise<Result<Answer<MethodResult<M>>, Failure>> {
    const called = await this.#calls.call({ instance, method, params, deadlineMs });
    if (!called.ok) return called;
    const { value, sessionStartedAtMs, staleSince } = called.value;
    const parsed = safeParse(RESULTS[method].result, value);
    if (!parsed.success) return err(MALFORMED);
    return ok({ value: parsed.data, startedAtMs: sessionStartedAtMs, staleSince });
  }
}

/** Samples that arrive together are one change. */
const GATHER_MS = 1;

/** As much as one answer can hold. */
const ALL_THERE_IS = { max_samples: 10_000, max_bytes: 200_000 };

/** METHODS, typed so that a result's type follows from its method. */
const RESULTS: {
  readonly [M in CallMethod]: { readonly result: z.ZodMiniType<MethodResult<M>> };
} = METHODS;

function toHistoryParams(query: HistoryQuery): Params<"samples.history"> {
  const { record, fromAgeMs, toAgeMs, maxPoints, bucketMs, maxBytes } = query;
  return {
    record,
    ...(fromAgeMs === undefined ? {} : { from_in_ms: 0 - fromAgeMs }),
    ...(toAgeMs === undefined ? {} : { to_in_ms: 0 - toAgeMs }),
    ...(bucketMs === undefined ? {} : { bucket_ms: bucketMs }),
    max_points: maxPoints,
    max_bytes: maxBytes,
  };
}

function toTrace({ field, points }: LinkTrace, startedAtMs: number): RecordTrace {
  return {
    field,
    points: points.map(([atMs, value]) => ({ atMs: toUnixMs(atMs, startedAtMs), value })),
  };
}

/** Spread whole: V8 copies an object without one of its fields many times slower. */
function toListed(row: LinkRecordRow, startedAtMs: number, nowMs: number): ListedRecord {
  return { ...row, latest: toListedLatest(row.latest, startedAtMs, nowMs) };
}

function toListedLatest(
  latest: LinkRecordRow["latest"],
  startedAtMs: number,
  nowMs: number,
): ListedRecord["latest"] {
  if (latest === null) return null;
  const observedAtMs = toUnixMs(latest.at_ms, startedAtMs);
  return {
    timestamp: toIso(observedAtMs),
    // A row does not carry the host's own digits: the time is ours.
    timeSource: latest.time_source === "host" ? "observed" : latest.time_source,
    ageMs: Math.max(0, nowMs - observedAtMs),
    sequence: latest.sequence,
  };
}

function toIso(unixMs: number): string {
  return new Date(unixMs).toISOString();
}

function toIsoAt(atMs: number | null, startedAtMs: number): string | null {
  return atMs === null ? null : toIso(toUnixMs(atMs, startedAtMs));
}
