/** Sends the worker what records held, so that it can answer while this relay is away. */
import type { InstanceReadings, LastKnown, LinkReading } from "#shared/link/last-known.ts";
import {
  MAX_LAST_KNOWN_BYTES,
  MAX_LAST_KNOWN_BYTES_PER_INSTANCE,
  MAX_RECORDS_PER_INSTANCE,
} from "#shared/link/limits.ts";
import type { Clock } from "../clock.ts";
import { printedBytes } from "../printed-bytes.ts";
import type { LastReading } from "../instances/observing/last-readings.ts";
import { toLinkSample } from "./link-sample.ts";

export interface KnownInstance {
  readonly name: string;
  readonly readings: readonly LastReading[];
}

export interface LastKnownOptions {
  readonly read: () => readonly KnownInstance[];
  /** 0 is never, not even at the end. */
  readonly intervalMs: number;
  readonly clock: Clock;
}

interface Session {
  /** On the relay's monotonic clock. */
  readonly startMs: number;
  /** False if the line does not take it. */
  readonly send: (frame: LastKnown) => boolean;
}

export class LastKnownTeller {
  readonly #options: LastKnownOptions;
  /** What this session has been sent, by instance and record. */
  readonly #told = new Map<string, string>();
  #session: Session | undefined;
  #cancel: () => void = () => {};

  constructor(options: LastKnownOptions) {
    this.#options = options;
  }

  begin(session: Session): void {
    this.end();
    if (this.#options.intervalMs === 0) return;
    this.#session = session;
    this.#arm();
  }

  end(): void {
    this.#cancel();
    this.#session = undefined;
    this.#told.clear();
  }

  /** What the session has not been sent yet, if anything. */
  tell(): void {
    if (this.#session === undefined) return;
    const { startMs, send } = this.#session;
    const fresh = this.#options.read().map(({ name, readings }) => ({
      name,
      readings: readings.filter((reading) => this.#isFresh(name, reading)),
    }));
    const instances = newestFitting(fresh, startMs);
    if (instances.length === 0 || !send({ t: "last_known", instances })) return;
    for (const { name, readings } of instances) {
      for (const { record_key, sample } of readings) {
        this.#told.set(keyOf(name, record_key), stampOf(sample));
      }
    }
  }

  #isFresh(name: string, { recordKey, sample }: LastReading): boolean {
    return this.#told.get(keyOf(name, recordKey)) !== stampOf(sample);
  }

  #arm(): void {
    const { clock, intervalMs } = this.#options;
    this.#cancel = clock.after(intervalMs, () => {
      this.tell();
      this.#arm();
    });
  }
}

function keyOf(instance: string, record: string): string {
  return `${instance}/${record}`;
}

function stampOf({ epoch, sequence }: { epoch: string; sequence: number | null }): string {
  return `${epoch} ${sequence}`;
}

/** The newest first, of each instance and of all, until a frame is full. */
function newestFitting(instances: readonly KnownInstance[], startMs: number): InstanceReadings[] {
  const all = instances.flatMap(({ name, readings }) =>
    readings.map((reading) => ({ name, reading })),
  );
  all.sort((a, b) => b.reading.sample.atMs - a.reading.sample.atMs);
  const fitting = new Map<string, { readings: LinkReading[]; bytes: number }>();
  let totalBytes = bytesOf({ t: "last_known", instances: [] });
  for (const { name, reading } of all) {
    const known = fitting.get(name);
    const instance = known ?? { readings: [], bytes: bytesOf({ name, readings: [] }) };
    const link = toLinkReading(reading, startMs);
    const bytes = bytesOf(link);
    const added = known === undefined ? instance.bytes + bytes : bytes;
    if (totalBytes + added > MAX_LAST_KNOWN_BYTES) break;
    if (instance.bytes + bytes > MAX_LAST_KNOWN_BYTES_PER_INSTANCE) continue;
    if (instance.readings.length >= MAX_RECORDS_PER_INSTANCE) continue;
    instance.readings.push(link);
    totalBytes += added;
    instance.bytes += bytes;
    fitting.set(name, instance);
  }
  return Array.from(fitting, ([name, { readings }]) => ({ name, readings }));
}

/** With the comma behind it. */
function bytesOf(part: LastKnown | InstanceReadings | LinkReading): number {
  return printedBytes(part) + 1;
}

function toLinkReading({ recordKey, loss, sample }: LastReading, startMs: number): LinkReading {
  return { record_key: recordKey, loss, sample: toLinkSample(sample, startMs) };
}
