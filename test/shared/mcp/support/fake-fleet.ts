/**
 * A fleet in memory: instances with records, what they answer, and what was asked of them. Records with a timeline have
 * latest values, history, subscriptions and drains, on a clock that only waiting moves. What a test is about can be set.
 */
import { announcesRecord } from "#shared/fleet/announces-record.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type {
  DrainBatch,
  DrainQuery,
  Fleet,
  History,
  HistoryQuery,
  InstanceOverview,
  InstanceRow,
  ListedRecord,
  RecordEntry,
  RecordPage,
  RecordPageQuery,
  RecordReading,
  RecordSchema,
  SubscribeRequest,
  SubscriptionBatch,
  SubscriptionHandle,
  SubscriptionQuery,
  TimedSample,
  UnsubscribeStatus,
  WatchQuery,
  Watched,
  WriteReport,
  WriteRequest,
} from "#shared/fleet/fleet.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import { pageOfGraph, type GraphPage, type GraphQuery } from "#shared/fleet/graph-page.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/access/scope.ts";
import { findRow, isNamed, nearestOf, pageOf, unknownRecord, withoutMetrics } from "./fake-rows.ts";
import {
  bucketsOf,
  livenessOf,
  samplesInSpan,
  samplesUntil,
  type TimelinePoint,
  fitting,
} from "./timeline.ts";
import { TIMESTAMP, WRITE_HEAD } from "./fake-writes.ts";

export interface FakeInstance {
  readonly row: InstanceRow;
  readonly records: readonly ListedRecord[];
  /** By record key; a failure of the whole instance is its answer to everything. */
  readonly readings: ReadonlyMap<string, RecordReading>;
  /** By record key. Takes the reading's place. */
  readonly timelines?: ReadonlyMap<string, readonly TimelinePoint[]> | undefined;
  readonly schemas?: ReadonlyMap<string, RecordSchema> | undefined;
  /** Absent: the host has none. */
  readonly graph?: MethodResult<"graph.get"> | undefined;
  /** Absent: the host was built without. */
  readonly diagnostics?: MethodResult<"diagnostics.get"> | undefined;
  readonly failure?: Failure | undefined;
}

interface Subscription {
  readonly request: SubscribeRequest;
  readonly endsAtMs: number;
  given: number;
  ended: boolean;
  sequence: number;
}

const NO_GRAPH = failure("unsupported", "The host has no graph.");
export class FakeFleet implements Fleet {
  scopes: Scope[] = ["aimdb:write"];
  now = Date.parse(TIMESTAMP);
  overview: Partial<InstanceOverview> = {};
  /** In place of an end with `outcome`; the first is given next, the last again and again. */
  reports: Result<WriteReport, Failure>[] = [];
  outcome: EndedOutcome = { outcome: "applied", record_key: "sensor.temp", echo: "same" };
  batch: Result<Partial<SubscriptionBatch>, Failure> | undefined;
  subscribeFailure: Failure | undefined;
  unsubscribed: Result<UnsubscribeStatus, Failure> | undefined;
  schemaAnswer: Result<RecordSchema, Failure> | undefined;
  historyAnswer: Result<History, Failure> | undefined;
  drainAnswer: Result<DrainBatch, Failure> | undefined;
  graphAnswer: Result<GraphPage, Failure> | undefined;
  diagnosticsAnswer: Result<MethodResult<"diagnostics.get">, Failure> | undefined;
  resetAnswer: Result<MethodResult<"diagnostics.reset">, Failure> = ok({ reset: true });
  readonly asked: unknown[] = [];
  readonly #instances: readonly FakeInstance[];
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #drained = new Map<string, number>();

  constructor(instances: readonly FakeInstance[] = []) {
    this.#instances = instances;
  }

  nowMs(): number {
    return this.now;
  }

  async instances({ record }: { record?: string | undefined }): Promise<InstanceOverview> {
    this.asked.push({ instances: record ?? null });
    const rows = this.#instances.map(({ row, records }) => {
      if (row.hasRecord === null) return row;
      const announced = records.map(({ record_key, type_name }) => ({
        key: record_key,
        type_name,
      }));
      return { ...row, ...announcesRecord(announced, record) };
    });
    return { instances: rows, skipped: [], failed: [], relayCount: rows.length, ...this.overview };
  }

  async listRecords(
    instance: string,
    { offset, limit, writableOnly, nameFilter }: RecordPageQuery,
  ): Promise<Result<RecordPage, Failure>> {
    this.asked.push({ list: instance, offset });
    const found = this.#find(instance);
    if (!found.ok) return found;
    const { timelines } = found.value;
    const all = found.value.records
      .filter(({ writable }) => writable || !writableOnly)
      .filter((row) => nameFilter === undefined || isNamed(row, nameFilter))
      .map((row) => {
        const points = timelines?.get(row.record_key);
        return points === undefined ? row : { ...row, ...livenessOf(points, this.now) };
      });
    const page = pageOf(all, offset, limit);
    return ok(all.length > 0 ? page : { ...page, ...nearestOf(nameFilter, found.value.records) });
  }

  async getRecord(instance: string, record: string): Promise<Result<RecordReading, Failure>> {
    this.asked.push({ get: instance, record });
    const found = this.#find(instance);
    if (!found.ok) return found;
    const { records, readings, timelines } = found.value;
    const row = findRow(records, record);
    const recordKey = row?.record_key ?? record;
    const sample = this.#samples(timelines?.get(recordKey)).at(-1);
    const reading = sample === undefined ? readings.get(recordKey) : undefined;
    if (sample !== undefined) return ok({ recordKey, loss: "counted", sample });
    if (reading !== undefined) return ok(reading);
    return err(row === undefined ? unknownRecord(record, records) : NO_VALUE);
  }

  async getRecords(
    instance: string,
    records: readonly string[],
  ): Promise<Result<readonly RecordEntry[], Failure>> {
    const found = this.#find(instance);
    if (!found.ok) return found;
    const entries = records.map(async (record) => ({
      record,
      reading: await this.getRecord(instance, record),
    }));
    return ok(await Promise.all(entries));
  }

  async setRecord(instance: string, write: WriteRequest): Promise<Result<WriteReport, Failure>> {
    this.asked.push({ set: instance, ...write });
    return this.#report();
  }

  async answerWrite(callId: string, accepted: boolean): Promise<Result<WriteReport, Failure>> {
    this.asked.push({ answer: callId, accepted });
    return this.#report();
  }

  async writeReport(callId: string): Promise<Result<WriteReport, Failure>> {
    this.asked.push({ report: callId });
    return this.#report();
  }

  async subscribe(request: SubscribeRequest): Promise<Result<SubscriptionHandle, Failure>> {
    this.asked.push({ subscribe: request });
    if (this.subscribeFailure !== undefined) return err(this.subscribeFailure);
    const record = this.#resolve(request.instance, request.record);
    if (!record.ok) return record;
    const first = this.#subscriptions.size === 0;
    const id = first ? "gw-1.handle" : `gw-1.handle-${this.#subscriptions.size + 1}`;
    this.#subscriptions.set(id, {
      request: { ...request, record: record.value.key },
      endsAtMs: this.now + request.durationMs,
      given: 0,
      ended: false,
      sequence: this.#samples(record.value.points).length,
    });
    return ok({ id, recordKey: record.value.key });
  }

  async readSubscription(id: string, read: SubscriptionQuery) {
    this.asked.push({ read: id, ...read });
    if (this.batch !== undefined) return this.#played(this.batch, read.maxBytes);
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined || subscription.ended) return err(UNKNOWN_SUBSCRIPTION);
    if (read.after !== undefined) subscription.sequence = Number(read.after);
    const { request } = subscription;
    const record = this.#resolve(request.instance, request.record);
    if (!record.ok) return record;
    const samples = this.#advance(subscription, record.value.points, read);
    return ok<SubscriptionBatch>({
      instance: request.instance,
      recordKey: request.record,
      loss: "counted",
      gaps: [],
      next: String(subscription.sequence),
      complete: subscription.ended,
      samples,
    });
  }

  /** What arrives while it waits; the clock stands where the wait ended. */
  #advance(
    subscription: Subscription,
    points: readonly TimelinePoint[],
    { waitMs, maxBytes }: SubscriptionQuery,
  ): TimedSample[] {
    const { request, endsAtMs, sequence, given } = subscription;
    const untilMs = Math.min(this.now + waitMs, endsAtMs);
    const left = (request.maxEvents ?? Infinity) - given;
    const ahead = samplesUntil(points, untilMs, untilMs);
    const waiting = ahead.filter((sample) => (sample.sequence ?? 0) > sequence).slice(0, left);
    const samples = fitting(waiting, maxBytes);
    const last = samples.at(-1);
    const isFull = samples.length < waiting.length || samples.length === left;
    this.now = Math.max(this.now, isFull ? Date.parse(last?.timestamp ?? TIMESTAMP) : untilMs);
    const isSpent = this.now >= endsAtMs && samples.length === waiting.length;
    Object.assign(subscription, {
      sequence: last?.sequence ?? sequence,
      given: given + samples.length,
      ended: samples.length === left || isSpent,
    });
    return samples;
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    this.asked.push({ unsubscribe: id });
    if (this.unsubscribed !== undefined) return this.unsubscribed;
    const subscription = this.#subscriptions.get(id);
    if (subscription === undefined) return err(UNKNOWN_SUBSCRIPTION);
    const status = subscription.ended ? "already_ended" : "cancelled";
    subscription.ended = true;
    return ok(status);
  }

  async schema(
    instance: string,
    query: { record: string; includeExample: boolean },
  ): Promise<Result<RecordSchema, Failure>> {
    this.asked.push({ schema: instance, ...query });
    if (this.schemaAnswer !== undefined) return this.schemaAnswer;
    const record = this.#resolve(instance, query.record);
    if (!record.ok) return record;
    const schema = record.value.instance.schemas?.get(record.value.key);
    if (schema === undefined) return err(NO_VALUE);
    const { example: _left, ...rest } = schema;
    return ok(query.includeExample ? schema : rest);
  }

  async history(instance: string, query: HistoryQuery): Promise<Result<History, Failure>> {
    this.asked.push({ history: instance, ...query });
    if (this.historyAnswer !== undefined) return this.historyAnswer;
    const record = this.#resolve(instance, query.record);
    if (!record.ok) return record;
    const kept = this.#samples(record.value.points);
    const span = samplesInSpan(kept, query);
    const { bucketMs, maxPoints, maxBytes } = query;
    const newest = fitting(span.slice(-maxPoints).toReversed(), maxBytes).toReversed();
    return ok({
      recordKey: record.value.key,
      loss: "counted",
      source: "relay",
      samples: bucketMs === undefined ? newest : [],
      buckets: bucketMs === undefined ? undefined : bucketsOf(span, bucketMs).slice(-maxPoints),
      total: span.length,
      isTotalExact: true,
      gaps: [],
      oldest: kept[0]?.timestamp ?? null,
      hostReason: "The host has no persistence.",
    });
  }

  async drain(instance: string, query: DrainQuery): Promise<Result<DrainBatch, Failure>> {
    this.asked.push({ drain: instance, ...query });
    if (this.drainAnswer !== undefined) return this.drainAnswer;
    const record = this.#resolve(instance, query.record);
    if (!record.ok) return record;
    const place = `${instance} ${record.value.key}`;
    const drained = query.after === undefined ? this.#drained.get(place) : Number(query.after);
    const fresh = this.#samples(record.value.points).slice(drained ?? 0);
    const samples = fitting(fresh.slice(0, query.maxSamples), query.maxBytes);
    const next = (drained ?? 0) + samples.length;
    this.#drained.set(place, next);
    return ok({
      from: "samples",
      recordKey: record.value.key,
      loss: "counted",
      samples,
      gaps: [],
      next: String(next),
      more: samples.length < fresh.length,
      isFirst: drained === undefined,
    });
  }

  async graph(instance: string, query: GraphQuery): Promise<Result<GraphPage, Failure>> {
    this.asked.push({ graph: instance });
    if (this.graphAnswer !== undefined) return this.graphAnswer;
    const graph = this.#instances.find(({ row }) => row.instance === instance)?.graph;
    return graph === undefined ? err(NO_GRAPH) : pageOfGraph(graph, query);
  }

  async diagnostics(
    instance: string,
    query: Params<"diagnostics.get">,
  ): Promise<Result<MethodResult<"diagnostics.get">, Failure>> {
    this.asked.push({ diagnostics: instance, ...query });
    if (this.diagnosticsAnswer !== undefined) return this.diagnosticsAnswer;
    const found = this.#find(instance);
    if (!found.ok) return found;
    const { records, diagnostics = withoutMetrics(records) } = found.value;
    if (query.record !== undefined && findRow(records, query.record) === undefined) {
      return err(unknownRecord(query.record, records));
    }
    const all = diagnostics.records.filter(
      ({ record_key }) => query.record === undefined || record_key === query.record,
    );
    const { offset = 0, limit = 100 } = query;
    const end = Math.min(offset + limit, all.length);
    return ok({
      ...diagnostics,
      records: all.slice(offset, end),
      total: all.length,
      next_offset: end < all.length ? end : null,
    });
  }

  async resetDiagnostics(
    instance: string,
    query: Params<"diagnostics.reset">,
  ): Promise<Result<MethodResult<"diagnostics.reset">, Failure>> {
    this.asked.push({ reset: instance, ...query });
    const found = this.#find(instance);
    return found.ok ? this.resetAnswer : found;
  }

  async watch(_instance: string, _query: WatchQuery): Promise<Result<Watched, Failure>> {
    return ok({ changed: false, next: "e:0" });
  }

  #samples(points: readonly TimelinePoint[] = []): TimedSample[] {
    return samplesUntil(points, this.now, this.now);
  }

  #played(
    batch: Result<Partial<SubscriptionBatch>, Failure>,
    maxBytes: number,
  ): Result<SubscriptionBatch, Failure> {
    if (!batch.ok) return batch;
    const { samples = [], ...rest } = batch.value;
    return ok({
      instance: "gw-1/plant",
      recordKey: "sensor.temp",
      loss: "counted",
      gaps: [],
      next: "7..e",
      complete: true,
      ...rest,
      samples: fitting(samples, maxBytes),
    });
  }

  #resolve(
    id: string,
    record: string,
  ): Result<{ instance: FakeInstance; key: string; points: readonly TimelinePoint[] }, Failure> {
    const found = this.#find(id);
    if (!found.ok) return found;
    const instance = found.value;
    const key = findRow(instance.records, record)?.record_key;
    if (key === undefined) return err(unknownRecord(record, instance.records));
    return ok({ instance, key, points: instance.timelines?.get(key) ?? [] });
  }

  #report(): Result<WriteReport, Failure> {
    const [next] = this.reports.length > 1 ? this.reports.splice(0, 1) : this.reports;
    return next ?? ok({ ...WRITE_HEAD, status: "ended", outcome: this.outcome });
  }

  #find(instance: string): Result<FakeInstance, Failure> {
    const found = this.#instances.find(({ row }) => row.instance === instance);
    if (found === undefined) return err(failure("unknown_instance", "There is no such instance."));
    return found.failure === undefined ? ok(found) : err(found.failure);
  }
}

const NO_VALUE = failure("no_value", "The record exists and holds no value.");
const UNKNOWN_SUBSCRIPTION = failure("unknown_subscription", "There is no such subscription.");
