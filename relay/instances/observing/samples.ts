/** Samples after a cursor, waiting for them if need be. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { ReadBounds, Reading } from "../../store/sample-store.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceContext } from "../context.ts";
import { caughtUp, takeTurn, untilTurn, type LagBound, type Pace, type Place } from "./lag.ts";
import { CROWDED_OUT } from "../host/host-failure.ts";

export interface SamplesRequest {
  readonly params: Omit<Params<"samples.read">, "record">;
  readonly signal: AbortSignal;
  /** Undefined: readers get everything that is kept, */
  readonly lag?: LagBound | undefined;
  /** and as it comes. */
  readonly pace?: Pace | undefined;
}

export async function readSamples(
  context: InstanceContext,
  row: RecordRow,
  request: SamplesRequest,
): Promise<Result<Reading, Failure>> {
  const release = context.observer.hold(row.record_key);
  try {
    const refusal = await refusalOf(context, row);
    return refusal === undefined ? ok(await readHeld(context, row, request)) : err(refusal);
  } finally {
    release();
  }
}

async function readHeld(
  context: InstanceContext,
  row: RecordRow,
  request: SamplesRequest,
): Promise<Reading> {
  const { params, signal, pace } = request;
  const { store, storeKey, clock } = context;
  const key = storeKey(row.record_key);
  const start = params.from === "oldest" ? store.oldestCursor(key) : store.cursor(key);
  const after = params.after ?? start;
  const untilMs =
    params.until_in_ms === undefined
      ? Number.POSITIVE_INFINITY
      : clock.monotonicMs() + params.until_in_ms;
  const bounds = { maxBytes: params.max_bytes, maxSamples: params.max_samples, untilMs };

  const endMs = clock.monotonicMs() + params.wait_ms;
  const first = store.read(key, after, bounds);
  const isEnough = first.more || first.samples.length >= params.max_samples;
  if (isEnough && pace === undefined) return first;
  if (!isEnough)
    await waitUntil({ clock, waitMs: params.wait_ms, signal }, (finish) => {
      // Counted as they come: rereading all for each would cost quadratic time.
      let count = first.samples.length;
      let bytes = first.samples.reduce((sum, sample) => sum + sample.bytes, 0);
      return context.observer.watch(row.record_key, () => {
        count += 1;
        bytes += store.latest(key)?.bytes ?? 0;
        if (count >= params.max_samples || bytes >= params.max_bytes) finish();
      });
    });
  const waitMs = endMs - clock.monotonicMs();
  const isTurn = pace === undefined || (await untilTurn(pace, { clock, waitMs, signal }));
  // It may be the last of its subscription: the newest one and the count of the others are given in any case.
  const lag = isTurn || request.lag === undefined ? request.lag : newestAlone(request.lag);
  const reading = readPassing(context, { key: row.record_key, after }, { lag, bounds });
  // A read out of turn takes no turn: its bytes count for the link, which makes all turns rarer.
  if (isTurn) takeTurn(request, reading.samples);
  return reading;
}

function newestAlone({ reason }: LagBound): LagBound {
  return { maxBytes: 0, keptBytes: 0, reason };
}

function readPassing(
  context: InstanceContext,
  place: Place,
  { lag, bounds }: Pick<SamplesRequest, "lag"> & { readonly bounds: ReadBounds },
): Reading {
  const { untilMs } = bounds;
  const [passed = { ...place, gaps: [] }] =
    lag === undefined ? [] : caughtUp(context, [place], { ...lag, untilMs });
  const reading = context.store.read(context.storeKey(place.key), passed.after, bounds);
  return { ...reading, gaps: [...passed.gaps, ...reading.gaps] };
}

/** Subscribes it first, if it is not watched all the time. */
export async function refusalOf(
  { observer }: InstanceContext,
  row: RecordRow,
): Promise<Failure | undefined> {
  if (row.buffer_type === "mailbox") {
    return failure(
      "not_observable",
      "A mailbox can't be subscribed: a remote reader would take the application's messages. Use get_record.",
    );
  }
  switch (await observer.ensure(row)) {
    case "live":
      return undefined;
    case "crowded_out":
      return CROWDED_OUT;
    case "never":
      return failure(
        "not_observable",
        "The host can't be asked to watch this record: it was built without remote access, or the instance is reconnecting.",
      );
  }
}
