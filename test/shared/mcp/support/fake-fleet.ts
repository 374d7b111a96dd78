/** A fleet in memory: instances with records, what they answer, and what was asked of them. */
import { failure, type Failure } from "#shared/failure.ts";
import type {
  DrainBatch,
  Fleet,
  History,
  InstanceOverview,
  InstanceRow,
  RecordPage,
  RecordPageQuery,
  ListedRecord,
  RecordEntry,
  RecordReading,
  RecordSchema,
  SubscribeRequest,
  SubscriptionBatch,
  SubscriptionHandle,
  TimedSample,
  UnsubscribeStatus,
  Watched,
  WriteReport,
  WriteRequest,
} from "#shared/fleet.ts";
import type { MethodResult } from "#shared/link/method.ts";
import type { EndedOutcome } from "#shared/link/methods/record-set.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Scope } from "#shared/scope.ts";

export interface FakeInstance {
  readonly row: InstanceRow;
  readonly records: readonly ListedRecord[];
  /** By record key; a failure of the whole instance is its answer to everything. */
  readonly readings: ReadonlyMap<string, RecordReading>;
  readonly failure?: Failure | undefined;
}

export const CALL_ID = "0123456789abcdef0123456789abcdef";
export const TIMESTAMP = "2026-11-20T10:00:00.000Z";

/** What every report of a write to the first instance begins with. */
export const WRITE_HEAD = {
  callId: CALL_ID,
  instance: "gw-1/plant",
  record: "sensor.temp",
  timestamp: TIMESTAMP,
};

const NOTHING = failure("no_value", "Nothing.");

export class FakeFleet implements Fleet {
  scopes: Scope[] = ["aimdb:write"];
  overview: Partial<InstanceOverview> = {};
  outcome: EndedOutcome = { outcome: "applied", record_key: "sensor.temp", echo: "same" };
  /** In place of an end with `outcome`; the first is given next, the last again and again. */
  reports: Result<WriteReport, Failure>[] = [];
  batch: Result<Partial<SubscriptionBatch>, Failure> = ok({});
  subscribeFailure: Failure | undefined;
  unsubscribed: Result<UnsubscribeStatus, Failure> = ok("cancelled");
  schemaAnswer: Result<RecordSchema, Failure> = err(NOTHING);
  historyAnswer: Result<History, Failure> = err(NOTHING);
  drainAnswer: Result<DrainBatch, Failure> = err(NOTHING);
  graphAnswer: Result<MethodResult<"graph.get">, Failure> = err(NOTHING);
  diagnosticsAnswer: Result<MethodResult<"diagnostics.get">, Failure> = err(NOTHING);
  readonly asked: unknown[] = [];
  readonly #instances: readonly FakeInstance[];

  constructor(instances: readonly FakeInstance[] = []) {
    this.#instances = instances;
  }

  async instances({ record }: { record?: string | undefined }): Promise<InstanceOverview> {
    this.asked.push({ instances: record ?? null });
    const rows = this.#instances.map(({ row, records }) => ({
      ...row,
      hasRecord:
        row.hasRecord === null
          ? null
          : records.some(
              ({ record_key, type_name }) => record_key === record || type_name === record,
            ),
    }));
    return { instances: rows, skipped: [], failed: [], relayCount: rows.length, ...this.overview };
  }

  async listRecords(
    instance: string,
    { offset, limit, writableOnly }: RecordPageQuery,
  ): Promise<Result<RecordPage, Failure>> {
    this.asked.push({ list: instance, offset });
    const found = this.#find(instance);
    if (!found.ok) return found;
    const all = found.value.records.filter(({ writable }) => writable || !writableOnly);
    const records = all.slice(offset, offset + limit);
    const end = offset + records.length;
    return ok({ records, total: all.length, nextOffset: end < all.length ? end : null });
  }

  async getRecord(instance: string, record: string): Promise<Result<RecordReading, Failure>> {
    this.asked.push({ get: instance, record });
    const found = this.#find(instance);
    if (!found.ok) return found;
    const reading = found.value.readings.get(record);
    return reading === undefined ? err(failure("unknown_record", "No such record.")) : ok(reading);
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
    return ok({ id: "gw-1.handle", recordKey: request.record });
  }

  async readSubscription(
    id: string,
    read: { waitMs: number; maxBytes: number },
  ): Promise<Result<SubscriptionBatch, Failure>> {
    this.asked.push({ read: id, ...read });
    if (!this.batch.ok) return this.batch;
    const { samples = [], ...batch } = this.batch.value;
    return ok({
      instance: "gw-1/plant",
      recordKey: "sensor.temp",
      loss: "counted",
      gaps: [],
      complete: true,
      ...batch,
      samples: fitting(samples, read.maxBytes),
    });
  }

  async unsubscribe(id: string): Promise<Result<UnsubscribeStatus, Failure>> {
    this.asked.push({ unsubscribe: id });
    return this.unsubscribed;
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

  async schema(): Promise<Result<RecordSchema, Failure>> {
    return this.schemaAnswer;
  }

  async history(): Promise<Result<History, Failure>> {
    return this.historyAnswer;
  }

  async drain(): Promise<Result<DrainBatch, Failure>> {
    return this.drainAnswer;
  }

  async graph(): Promise<Result<MethodResult<"graph.get">, Failure>> {
    return this.graphAnswer;
  }

  async diagnostics(): Promise<Result<MethodResult<"diagnostics.get">, Failure>> {
    return this.diagnosticsAnswer;
  }

  async resetDiagnostics(): Promise<Result<MethodResult<"diagnostics.reset">, Failure>> {
    return ok({ reset: true });
  }

  async watch(): Promise<Result<Watched, Failure>> {
    return ok({ changed: false, next: "e:0" });
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

/** As a fleet has to: no more than asked for, and one at least. */
function fitting(samples: readonly TimedSample[], maxBytes: number): TimedSample[] {
  let bytes = 0;
  const end = samples.findIndex((sample, i) => {
    bytes += Buffer.byteLength(JSON.stringify(sample)) + 30;
    return i > 0 && bytes > maxBytes;
  });
  return samples.slice(0, end === -1 ? samples.length : end);
}
