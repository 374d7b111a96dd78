/**
 * Keeps a host's records subscribed and puts what arrives into the sample store. One AimX
 * subscription serves every reader of a record.
 */
import type { Sample } from "#shared/aimx/connection.ts";
import type { AimxErrorCode } from "#shared/aimx/error-code.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { unixMsFromIso } from "#shared/aimx/timestamp.ts";
import { sameReading } from "#shared/json/f32.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { Clock } from "../../clock.ts";
import type { SampleStore } from "../../store/sample-store.ts";
import type { Observation } from "../../store/stored-sample.ts";
import type { HostConnection } from "../host/host-connection.ts";
import { planObservation, type ObservationPlan } from "./observation-plan.ts";

export type Observed =
  /** Samples arrive. */
  | "live"
  /** Could be subscribed, but the one free place serves a reader that waits on another record. */
  | "crowded_out"
  /** A mailbox, no remote access, or the host is away. */
  | "never";

interface Subscription {
  readonly id: string;
  readonly record: string;
  /** On the monotonic clock. */
  readonly sinceMs: number;
  /** The value before the subscription, which some hosts send again as its first event. */
  current: JsonValue | undefined;
}

/** The newest events of the subscription being made that arrive before its id is known. */
interface Early {
  readonly samples: Sample[];
  overflowed: boolean;
}

/** As many as a host holds for one connection; what is more is a gap. */
const MAX_EARLY_SAMPLES = 256;

interface ObserverOptions {
  readonly store: SampleStore;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** A record's name in the store, which serves every instance. */
  readonly storeKey: (record: string) => string;
}

const NOTHING: ObservationPlan = { standing: [], onDemand: [] };

export class Observer {
  readonly #options: ObserverOptions;
  /** Of readers that wait for samples now: their records are not replaced. */
  readonly #listeners = new Map<string, Set<() => void>>();
  #connection: HostConnection | undefined;
  #plan = NOTHING;
  readonly #byId = new Map<string, Subscription>();
  readonly #byRecord = new Map<string, Subscription>();
  /** One subscription is made at a time, so that two calls do not both take the last place. */
  #turn: Promise<unknown> = Promise.resolve();
  #early: Early | undefined;

  constructor(options: ObserverOptions) {
    this.#options = options;
  }

  /** Starts over on a fresh connection. Settles when every standing subscription is made. */
  async attach(connection: HostConnection, rows: readonly RecordRow[]): Promise<void> {
    this.detach();
    this.#connection = connection;
    const { dialect, welcome } = connection;
    this.#plan = planObservation(rows, welcome.maxSubscriptions, dialect);
    connection.onSample = (sample) => {
      if (this.#connection === connection) this.#onSample(sample);
    };
    const { standing } = this.#plan;
    for (const row of standing) {
      await this.#inTurn(async () => {
        if (this.#connection === connection) await this.#subscribe(row);
      });
    }
    await this.#readLatest(standing);
  }

  /** The connection is gone, and with it an unknown number of samples. */
  detach(): void {
    for (const { record } of this.#byId.values()) this.#interrupt(record);
    this.#connection = undefined;
    this.#plan = NOTHING;
    this.#byId.clear();
    this.#byRecord.clear();
  }

  /** How many subscriptions the host holds for us. */
  get subscriptionCount(): number {
    return this.#byId.size;
  }

  /** How a record is observed now, without changing it. */
  mode({ record_key }: RecordRow): "live" | "on_demand" | "never" {
    if (this.#byRecord.has(record_key)) return "live";
    return this.#isPlanned(record_key) ? "on_demand" : "never";
  }

  /** How long its samples have been arriving; 0 if they don't. */
  liveForMs({ record_key }: RecordRow): number {
    const { clock } = this.#options;
    const sinceMs = this.#byRecord.get(record_key)?.sinceMs ?? clock.monotonicMs();
    return clock.monotonicMs() - sinceMs;
  }

  /** Subscribes on demand, in place of the record that went longest without a request. */
  ensure(row: RecordRow): Promise<Observed> {
    if (this.#byRecord.has(row.record_key)) return Promise.resolve("live");
    if (!this.#isPlanned(row.record_key)) return Promise.resolve("never");
    return this.#inTurn(() => this.#subscribeOnDemand(row));
  }

  /**
   * Keeps the record's place until the returned function is called. Call it before `ensure`, or another caller's
   * `ensure` may come between the answer and the read.
   */
  hold(record: string): () => void {
    return this.watch(record, () => {});
  }

  /** Calls back whenever a sample of the record arrives; the returned function ends it. */
  watch(record: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(record) ?? new Set();
    this.#listeners.set(record, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(record);
    };
  }

  #isPlanned(record: string): boolean {
    return this.#isStanding(record) || isAmong(this.#plan.onDemand, record);
  }

  #isStanding(record: string): boolean {
    return isAmong(this.#plan.standing, record);
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(step);
    this.#turn = done.catch(() => {});
    return done;
  }

  async #subscribeOnDemand(row: RecordRow): Promise<Observed> {
    if (this.#byRecord.has(row.record_key)) return "live";
    const guest = [...this.#byId.values()].find(({ record }) => !this.#isStanding(record));
    if (guest !== undefined && !this.#isStanding(row.record_key)) {
      if (this.#listeners.has(guest.record)) return "crowded_out";
      await this.#unsubscribe(guest);
    }
    const observed = await this.#subscribe(row);
    if (observed === "live") await this.#readLatest([row]);
    return observed;
  }

  async #unsubscribe(subscription: Subscription): Promise<void> {
    this.#byId.delete(subscription.id);
    this.#byRecord.delete(subscription.record);
    this.#interrupt(subscription.record);
    await this.#connection?.request(
      (dialect) => dialect.unsubscribe(subscription.id),
      this.#options.timeoutMs,
    );
  }

  async #subscribe(row: RecordRow): Promise<Observed> {
    const connection = this.#connection;
    if (connection === undefined) return "never";
    const { record_key } = row;
    if (this.#byRecord.has(record_key)) return "live";
    const { timeoutMs } = this.#options;
    const before = connection.dialect.sendsCurrentValue ? await this.#readState(row) : undefined;
    const early: Early = { samples: [], overflowed: false };
    this.#early = early;
    const opened = await connection.request((dialect) => dialect.subscribe(record_key), timeoutMs);
    this.#early = undefined;
    if (this.#connection !== connection) return "never";
    if (!opened.ok) {
      return opened.error.type === "host" ? this.#refused(row, opened.error.error.code) : "never";
    }
    this.#watchFrom(opened.value, record_key, before);
    if (early.overflowed) this.#interrupt(record_key);
    for (const sample of early.samples) this.#onSample(sample);
    return "live";
  }

  #watchFrom(id: string, record: string, current: JsonValue | undefined): void {
    const sinceMs = this.#options.clock.monotonicMs();
    const subscription: Subscription = { id, record, sinceMs, current };
    this.#byId.set(id, subscription);
    this.#byRecord.set(record, subscription);
    if (current !== undefined) this.#firstSeen(record, current);
  }

  /** A record that can't be subscribed at all is not tried again on this connection. */
  #refused(row: RecordRow, code: AimxErrorCode): Observed {
    const others = (rows: readonly RecordRow[]) =>
      rows.filter(({ record_key }) => record_key !== row.record_key);
    const isCrowded = code === "too_many_subscriptions";
    const onDemand = others(this.#plan.onDemand);
    this.#plan = {
      standing: others(this.#plan.standing),
      onDemand: isCrowded ? [...onDemand, row] : onDemand,
    };
    return isCrowded ? "crowded_out" : "never";
  }

  /** AimX 2 and 3: a single-latest record's value is read without taking it; a ring's is not. */
  async #readState({ record_key, buffer_type }: RecordRow): Promise<JsonValue | undefined> {
    if (buffer_type !== "single_latest") return undefined;
    const value = await this.#connection?.request(
      (dialect) => dialect.get(record_key),
      this.#options.timeoutMs,
    );
    return value?.ok === true ? value.value : undefined;
  }

  /**
   * AimX 1 sends nothing on subscribing, but keeps the latest value and its time. The list is read after the values: a
   * production in between comes as an event, which counts instead.
   */
  async #readLatest(rows: readonly RecordRow[]): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined || connection.dialect.sendsCurrentValue) return;
    const { store, timeoutMs, storeKey } = this.#options;
    const values = await Promise.all(
      rows.map(async ({ record_key }) => ({
        record_key,
        sequence: store.cursor(storeKey(record_key)).sequence,
        value: await connection.request((dialect) => dialect.get(record_key), timeoutMs),
      })),
    );
    const list = await connection.request((dialect) => dialect.list(), timeoutMs);
    if (!list.ok) return;
    for (const { record_key, sequence, value } of values) {
      const seenMeanwhile = store.cursor(storeKey(record_key)).sequence !== sequence;
      if (!value.ok || seenMeanwhile) continue;
      const row = list.value.find((candidate) => candidate.record_key === record_key);
      this.#keepLatest(record_key, value.value, row?.last_update ?? undefined);
    }
  }

  #keepLatest(record: string, value: JsonValue, hostTime: string | undefined): void {
    if (hostTime === undefined) {
      this.#firstSeen(record, value);
      return;
    }
    const { clock } = this.#options;
    // Host and relay share one machine, hence one wall clock.
    const ageMs = Math.max(0, clock.wallMs() - unixMsFromIso(hostTime));
    const atMs = clock.monotonicMs() - ageMs;
    this.#keepIfNew(record, { value, atMs, timeSource: "host", hostTime, missed: null });
  }

  #firstSeen(record: string, value: JsonValue): void {
    const atMs = this.#options.clock.monotonicMs();
    this.#keepIfNew(record, { value, atMs, timeSource: "first_seen", missed: null });
  }

  /** After a reconnect the host sends again what we have; that is not a new sample. */
  #keepIfNew(record: string, observation: Observation): void {
    const latest = this.#options.store.latest(this.#options.storeKey(record));
    if (latest !== undefined && sameReading(latest.value, observation.value)) return;
    this.#keep(record, observation);
  }

  #onSample(sample: Sample): void {
    const subscription = this.#byId.get(sample.subscription);
    if (subscription === undefined) {
      this.#keepEarly(sample);
      return;
    }
    const { current } = subscription;
    subscription.current = undefined;
    if (current !== undefined && sameReading(current, sample.value)) return;
    this.#keep(subscription.record, {
      value: sample.value,
      atMs: this.#options.clock.monotonicMs(),
      timeSource: sample.timestamp === null ? "observed" : "host",
      hostTime: sample.timestamp ?? undefined,
      missed: sample.missed,
    });
  }

  #keepEarly(sample: Sample): void {
    if (this.#early === undefined) return;
    const { samples } = this.#early;
    samples.push(sample);
    if (samples.length <= MAX_EARLY_SAMPLES) return;
    samples.shift();
    this.#early.overflowed = true;
  }

  #keep(record: string, observation: Observation): void {
    this.#options.store.push(this.#options.storeKey(record), observation);
    for (const listener of this.#listeners.get(record) ?? []) listener();
  }

  #interrupt(record: string): void {
    const { store, storeKey, clock } = this.#options;
    store.interrupt(storeKey(record), clock.monotonicMs());
  }
}

function isAmong(rows: readonly RecordRow[], record: string): boolean {
  return rows.some(({ record_key }) => record_key === record);
}
