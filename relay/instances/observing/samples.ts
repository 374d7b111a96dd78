/** Samples behind a cursor, waiting for them if need be. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Reading } from "../../store/sample-store.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceContext } from "../context.ts";
import { CROWDED_OUT } from "../host/host-failure.ts";

type SamplesParams = Omit<Params<"samples.read">, "record">;

export async function readSamples(
  context: InstanceContext,
  row: RecordRow,
  params: SamplesParams,
  signal: AbortSignal,
): Promise<Result<Reading, Failure>> {
  const release = context.observer.hold(row.record_key);
  try {
    const refusal = await refusalOf(context, row);
    return refusal === undefined ? ok(await readHeld(context, row, params, signal)) : err(refusal);
  } finally {
    release();
  }
}

async function readHeld(
  context: InstanceContext,
  row: RecordRow,
  params: SamplesParams,
  signal: AbortSignal,
): Promise<Reading> {
  const { store, storeKey, clock } = context;
  const key = storeKey(row.record_key);
  const start = params.from === "oldest" ? store.oldestCursor(key) : store.cursor(key);
  const after = params.after ?? start;
  const untilMs =
    params.until_in_ms === undefined
      ? Number.POSITIVE_INFINITY
      : clock.monotonicMs() + params.until_in_ms;
  const bounds = { maxBytes: params.max_bytes, maxSamples: params.max_samples, untilMs };

  const first = store.read(key, after, bounds);
  if (first.more || first.samples.length >= params.max_samples) return first;
  await waitUntil({ clock, waitMs: params.wait_ms, signal }, (finish) => {
    // Counted as they come: reading all again for each would cost their square.
    let count = first.samples.length;
    let bytes = first.samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return context.observer.watch(row.record_key, () => {
      count += 1;
      bytes += store.latest(key)?.bytes ?? 0;
      if (count >= params.max_samples || bytes >= params.max_bytes) finish();
    });
  });
  return store.read(key, after, bounds);
}

/** Subscribes it first, where it is not watched all the time. */
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
