/** Samples of several records after their cursors, waiting until any of them has some. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { Failure } from "#shared/failure.ts";
import type { Params } from "#shared/link/method.ts";
import type { Cursor, Gap } from "#shared/link/methods/samples-read.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Reading } from "../../store/sample-store.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceContext } from "../context.ts";
import { resolveRecord } from "../reading/resolve-record.ts";
import { caughtUp, takeTurn, untilTurn, type LagBound, type Pace } from "./lag.ts";
import { refusalOf } from "./samples.ts";

export interface WatchRequest {
  readonly rows: readonly RecordRow[];
  readonly params: Params<"samples.watch">;
  readonly signal: AbortSignal;
  /** Undefined: readers get everything that is kept. */
  readonly lag?: LagBound | undefined;
  /** Undefined: they get it as it comes. */
  readonly pace?: Pace | undefined;
}

export interface WatchedRecord {
  readonly recordKey: string;
  readonly reading: Reading;
}

export interface WatchEntry {
  /** As it was asked for. */
  readonly record: string;
  readonly watched: Result<WatchedRecord, Failure>;
}

export interface WatchReading {
  readonly entries: readonly WatchEntry[];
  readonly more: boolean;
}

type Watch =
  | {
      readonly type: "watched";
      readonly record: string;
      readonly key: string;
      readonly after: Cursor;
      /** What was passed over up to that point. */
      readonly passed: readonly Gap[];
      /** Its reader has no cursor yet, so it gets one at once. */
      readonly isNew: boolean;
    }
  | { readonly type: "refused"; readonly record: string; readonly failure: Failure };

export async function watchSamples(
  context: InstanceContext,
  { rows, params, signal, lag, pace }: WatchRequest,
): Promise<WatchReading> {
  const found = params.records.map(({ record, after }) => {
    const row = resolveRecord(rows, record);
    return { record, after, row };
  });
  const releases = found.flatMap(({ row }) =>
    row.ok ? [context.observer.hold(row.value.record_key)] : [],
  );
  try {
    const endMs = context.clock.monotonicMs() + params.wait_ms;
    const watches: Watch[] = [];
    for (const asked of found) watches.push(await beginWatch(context, asked));
    if (!watches.some((watch) => hasNews(context, watch))) {
      await waitForNews(context, watches, { waitMs: params.wait_ms, signal });
    }
    const waitMs = endMs - context.clock.monotonicMs();
    const isTurn = pace === undefined || watches.some(isAnsweredAtOnce);
    if (!isTurn && !(await untilTurn(pace, { clock: context.clock, waitMs, signal })))
      return NOTHING;
    const reading = collect(
      context,
      lag === undefined ? watches : passedOver(context, watches, lag),
      params,
    );
    takeTurn({ pace, signal }, reading.entries.flatMap(samplesOf));
    return reading;
  } finally {
    for (const release of releases) release();
  }
}

/** Its samples still come after the reader's cursors. */
const NOTHING: WatchReading = { entries: [], more: false };

function isAnsweredAtOnce(watch: Watch): boolean {
  return watch.type === "refused" || watch.isNew;
}

function samplesOf({ watched }: WatchEntry): Reading["samples"] {
  return watched.ok ? watched.value.reading.samples : [];
}

async function beginWatch(
  context: InstanceContext,
  asked: {
    readonly record: string;
    readonly after?: Cursor | undefined;
    readonly row: Result<RecordRow, Failure>;
  },
): Promise<Watch> {
  const { record, row } = asked;
  if (!row.ok) return { type: "refused", record, failure: row.error };
  const refusal = await refusalOf(context, row.value);
  if (refusal !== undefined) return { type: "refused", record, failure: refusal };
  const key = row.value.record_key;
  const after = asked.after ?? context.store.cursor(context.storeKey(key));
  return { type: "watched", record, key, after, passed: [], isNew: asked.after === undefined };
}

/** Their gaps are reported with what follows them. */
function passedOver(
  context: InstanceContext,
  watches: readonly Watch[],
  lag: LagBound,
): readonly Watch[] {
  const watched = watches.filter((watch) => watch.type === "watched");
  const passed = caughtUp(context, watched, lag);
  const places = new Map(watched.map((watch, i) => [watch, passed[i]]));
  return watches.map((watch) => {
    const place = watch.type === "watched" ? places.get(watch) : undefined;
    return place === undefined ? watch : { ...watch, after: place.after, passed: place.gaps };
  });
}

function waitForNews(
  { clock, observer }: InstanceContext,
  watches: readonly Watch[],
  wait: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const keys = watches.flatMap((watch) => (watch.type === "watched" ? [watch.key] : []));
  return waitUntil({ clock, ...wait }, (finish) => {
    const ends = keys.map((key) => observer.watch(key, finish));
    return () => ends.forEach((end) => end());
  });
}

/** The bytes around a record's samples. */
const ENTRY_BYTES = 200;

/** Each may take what those before it left; one sample may be more than that. */
function collect(
  context: InstanceContext,
  watches: readonly Watch[],
  { max_samples: maxSamples, max_bytes }: Params<"samples.watch">,
): WatchReading {
  let left = max_bytes;
  let more = false;
  const entries: WatchEntry[] = [];
  for (const watch of watches) {
    if (!hasNews(context, watch)) continue;
    const { record } = watch;
    if (watch.type === "refused") {
      entries.push({ record, watched: err(watch.failure) });
    } else if (left <= 0) {
      more = true;
    } else {
      left -= ENTRY_BYTES;
      const reading = read(context, watch, { maxBytes: left, maxSamples });
      left -= reading.samples.reduce((sum, { bytes }) => sum + bytes, 0);
      more ||= reading.more;
      entries.push({ record, watched: ok({ recordKey: watch.key, reading }) });
    }
  }
  return { entries, more };
}

function hasNews(context: InstanceContext, watch: Watch): boolean {
  if (watch.type === "refused" || watch.isNew) return true;
  const { samples, gaps } = read(context, watch, { maxBytes: 1, maxSamples: 1 });
  return samples.length > 0 || gaps.length > 0;
}

function read(
  { store, storeKey }: InstanceContext,
  { key, after, passed }: Extract<Watch, { type: "watched" }>,
  bounds: { readonly maxBytes: number; readonly maxSamples: number },
): Reading {
  const untilMs = Number.POSITIVE_INFINITY;
  const reading = store.read(storeKey(key), after, { ...bounds, untilMs });
  return { ...reading, gaps: [...passed, ...reading.gaps] };
}
