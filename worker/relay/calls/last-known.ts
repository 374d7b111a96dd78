/**
 * What records held when they were last seen, for while the relay is away: from calls' answers, and from what the
 * relay sends unasked. One row per instance, at most one write per second.
 */
import * as z from "zod/mini";
import type { Inventory } from "#shared/link/inventory.ts";
import type { LinkReading } from "#shared/link/last-known.ts";
import { MAX_INSTANCES, MAX_LAST_KNOWN_BYTES_PER_INSTANCE } from "#shared/link/limits.ts";
import { readingSchema } from "#shared/link/methods/record-get.ts";
import { utf8Length } from "#shared/json/utf8-length.ts";
import { toUnixMs } from "#shared/fleet/timed-sample.ts";
import type { Sql } from "../../storage/migrate.ts";
import { rowsOf } from "../../storage/rows.ts";

/** So that a read itself stores nothing. Short, because an object with a timer can't sleep. */
const FLUSH_AFTER_MS = 1_000;

/** Records in memory; if one second brings more, they are written at once. */
const MAX_PENDING = 200;

const bodyRow = z.object({ body: z.string() });
const bodySchema = z.array(readingSchema);

export interface LastKnownOptions {
  readonly sql: Sql;
  readonly nowMs: () => number;
  readonly inventory: () => Inventory | undefined;
}

export class LastKnownValues {
  readonly #options: LastKnownOptions;
  readonly #pending = new Map<string, Map<string, LinkReading>>();
  #pendingCount = 0;
  readonly #later = new Map<string, () => void>();
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: LastKnownOptions) {
    this.#options = options;
  }

  /** `readings` have times of the session clock that started at `sessionStartedAtMs`. */
  note(instance: string, readings: readonly LinkReading[], sessionStartedAtMs: number): void {
    if (readings.length === 0) return;
    const pending = this.#pending.get(instance) ?? new Map<string, LinkReading>();
    const countBefore = pending.size;
    const nowMs = this.#options.nowMs();
    for (const { sample, ...reading } of readings) {
      // No time may be in the future, or newer readings could not replace it.
      const at_ms = Math.min(toUnixMs(sample.at_ms, sessionStartedAtMs), nowMs);
      putIfNewer(pending, { ...reading, sample: { ...sample, at_ms } });
    }
    this.#pending.set(instance, pending);
    this.#pendingCount += pending.size - countBefore;
    if (this.#pendingCount > MAX_PENDING) this.flush();
    else this.#flushSoon();
  }

  /**
   * A call's answer for one record, examined only after it was given: of several answers in one second, only the
   * last one is examined. `key` is the record as the caller named it.
   */
  noteLater(
    { instance, key }: { readonly instance: string; readonly key: string },
    readings: () => readonly LinkReading[],
    sessionStartedAtMs: number,
  ): void {
    this.#later.set(`${sessionStartedAtMs} ${instance} ${key}`, () =>
      this.note(instance, readings(), sessionStartedAtMs),
    );
    if (this.#later.size > MAX_PENDING) this.flush();
    else this.#flushSoon();
  }

  /** By record key; their times are in Unix milliseconds. */
  read(instance: string): ReadonlyMap<string, LinkReading> {
    this.flush();
    return this.#stored(instance);
  }

  /** Forgets records that the instances no longer have, or that their device now hides. */
  prune(inventory: Inventory): void {
    for (const { name, records } of inventory.instances) {
      if (records === undefined) continue;
      const stored = this.#stored(name);
      const kept = listed(stored, name, inventory);
      if (kept.length < stored.size) this.#write(name, kept);
    }
  }

  flush(): void {
    for (const [name, note] of this.#later) {
      this.#later.delete(name);
      note();
    }
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#pendingCount === 0) return;
    const inventory = this.#options.inventory();
    for (const [instance, readings] of this.#pending) {
      const merged = new Map(this.#stored(instance));
      for (const reading of readings.values()) putIfNewer(merged, reading);
      this.#write(instance, newestFitting(listed(merged, instance, inventory)));
    }
    this.#pending.clear();
    this.#pendingCount = 0;
    // A gateway that invents names must not fill the storage.
    this.#options.sql.exec(
      "DELETE FROM last_known WHERE instance NOT IN (SELECT instance FROM last_known ORDER BY written_at DESC LIMIT ?)",
      MAX_INSTANCES,
    );
  }

  #flushSoon(): void {
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  #stored(instance: string): ReadonlyMap<string, LinkReading> {
    const query = "SELECT body FROM last_known WHERE instance = ?";
    const [row] = rowsOf(this.#options.sql, bodyRow, query, instance);
    const readings = row === undefined ? [] : bodySchema.parse(JSON.parse(row.body));
    return new Map(readings.map((reading) => [reading.record_key, reading]));
  }

  #write(instance: string, readings: readonly LinkReading[]): void {
    this.#options.sql.exec(
      "INSERT OR REPLACE INTO last_known VALUES (?, ?, ?)",
      instance,
      JSON.stringify(readings),
      this.#options.nowMs(),
    );
  }
}

/** A call's answer and a frame may overtake each other. */
function putIfNewer(readings: Map<string, LinkReading>, reading: LinkReading): void {
  const before = readings.get(reading.record_key);
  if (before !== undefined && before.sample.at_ms > reading.sample.at_ms) return;
  readings.set(reading.record_key, reading);
}

function listed(
  readings: ReadonlyMap<string, LinkReading>,
  instance: string,
  inventory: Inventory | undefined,
): LinkReading[] {
  const records = inventory?.instances.find(({ name }) => name === instance)?.records;
  const keys = records === undefined ? undefined : new Set(records.map(({ key }) => key));
  return [...readings.values()].filter(({ record_key }) => keys?.has(record_key) ?? true);
}

function newestFitting(readings: LinkReading[]): LinkReading[] {
  readings.sort((a, b) => b.sample.at_ms - a.sample.at_ms);
  let bytes = 0;
  return readings.filter((reading) => {
    bytes += utf8Length(JSON.stringify(reading));
    return bytes <= MAX_LAST_KNOWN_BYTES_PER_INSTANCE;
  });
}
