/** The current value of a record, with its time and sequence. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { unixMsFromIso } from "#shared/aimx/timestamp.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { sameReading } from "#shared/json/f32.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import type { Loss, TimeSource } from "#shared/link/sample.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { ReadBounds } from "../../store/sample-store.ts";
import type { StoredSample } from "../../store/stored-sample.ts";
import { waitUntil } from "../../wait-until.ts";
import type { InstanceContext } from "../context.ts";
import type { HostConnection } from "../host/host-connection.ts";
import { CROWDED_OUT, toFailure } from "../host/host-failure.ts";
import { isOnlyObserved } from "../observing/only-observed.ts";

/** A value that was read and an event that carries it travel on two connections. */
const EVENT_LAG_MS = 50;

/**
 * A ring shows nothing that was produced before it was subscribed; one that has been silent this long is answered at
 * once.
 */
const FIRST_SAMPLE_WAIT_MS = 3_000;

export interface ReadSample {
  readonly value: JsonValue;
  /** On the relay's monotonic clock. */
  readonly atMs: number;
  readonly timeSource: TimeSource;
  readonly hostTime?: string | undefined;
  /** Null for a value that was read but not seen arriving. */
  readonly sequence: number | null;
  readonly epoch: string;
}

export interface RecordReading {
  readonly recordKey: string;
  readonly loss: Loss;
  readonly sample: ReadSample;
}

export async function readCurrent(
  context: InstanceContext,
  connection: HostConnection,
  row: RecordRow,
  timeoutMs: number,
): Promise<Result<ReadSample, Failure>> {
  const release = context.observer.hold(row.record_key);
  try {
    return await readHeld(context, connection, row, timeoutMs);
  } finally {
    release();
  }
}

async function readHeld(
  context: InstanceContext,
  connection: HostConnection,
  row: RecordRow,
  timeoutMs: number,
): Promise<Result<ReadSample, Failure>> {
  const observed = await context.observer.ensure(row);
  const isTold = isOnlyObserved(row, connection.dialect);
  if (isTold && observed === "live") return latestOfRing(context, row, timeoutMs);
  if (isTold && observed === "crowded_out") return err(CROWDED_OUT);

  const before = cursorBeforeLatest(context, row);
  const value = await connection.request((dialect) => dialect.get(row.record_key));
  if (!value.ok) {
    const reason = toFailure(value.error);
    return err(reason.code === "no_value" ? noValue(row, reason, { isTold }) : reason);
  }
  const sample =
    observed === "live"
      ? await matchSample(context, row, { value: value.value, before })
      : undefined;
  if (sample !== undefined) return ok(sample);
  return ok(await unseen(context, { connection, row, value: value.value }));
}

function noValue(row: RecordRow, reason: Failure, { isTold }: { isTold: boolean }): Failure {
  if (row.buffer_type === "mailbox") return NO_MESSAGE;
  return isTold ? NOTHING_SINCE : reason;
}

const NO_MESSAGE = failure(
  "no_value",
  "No message is in this mailbox: none was written yet, or the application has taken it.",
);

const NOTHING_SINCE = failure(
  "no_value",
  "Nothing was produced since the relay began to watch this ring, and AimX 3 hosts keep no older value.",
);

/** AimX 2 and 3 keep no latest value for a ring: a `get` would answer from a drain cursor. */
async function latestOfRing(
  context: InstanceContext,
  row: RecordRow,
  timeoutMs: number,
): Promise<Result<ReadSample, Failure>> {
  const { observer, store, storeKey } = context;
  const waitMs = Math.min(FIRST_SAMPLE_WAIT_MS - observer.liveForMs(row), timeoutMs);
  await waitForSample(
    context,
    row,
    waitMs,
    () => store.latest(storeKey(row.record_key)) !== undefined,
  );
  const latest = store.latest(storeKey(row.record_key));
  return latest === undefined ? err(NOTHING_SINCE) : ok(latest);
}

/**
 * The stored sample that `value` is, or a newer one. If the newest differs, the event of `value` is still on the way,
 * or the host produced more while we asked and later events overtook the answer. Only waiting tells: a record may take
 * the same value again and again.
 */
async function matchSample(
  context: InstanceContext,
  row: RecordRow,
  { value, before }: { value: JsonValue; before: Cursor },
): Promise<ReadSample | undefined> {
  const { store, storeKey } = context;
  const key = storeKey(row.record_key);
  const isIt = (sample: StoredSample | undefined) =>
    sample !== undefined && sameReading(sample.value, value);
  await waitForSample(context, row, EVENT_LAG_MS, () => isIt(store.latest(key)));
  const since = store.read(key, before, EVERYTHING).samples;
  return isIt(store.latest(key)) || since.some(isIt) ? store.latest(key) : undefined;
}

function cursorBeforeLatest({ store, storeKey }: InstanceContext, row: RecordRow): Cursor {
  const key = storeKey(row.record_key);
  const latest = store.latest(key);
  if (latest === undefined) return store.cursor(key);
  return { epoch: latest.epoch, sequence: latest.sequence - 1 };
}

const EVERYTHING: ReadBounds = {
  maxBytes: Number.POSITIVE_INFINITY,
  maxSamples: Number.POSITIVE_INFINITY,
  untilMs: Number.POSITIVE_INFINITY,
};

interface Unseen {
  readonly connection: HostConnection;
  readonly row: RecordRow;
  readonly value: JsonValue;
}

/** A value without an event: a mailbox, or a record that could not be subscribed. */
async function unseen(
  { clock, store, storeKey }: InstanceContext,
  { connection, row: { record_key }, value }: Unseen,
): Promise<ReadSample> {
  const { epoch } = store.cursor(storeKey(record_key));
  const seen = { value, sequence: null, epoch };
  const nowMs = clock.monotonicMs();
  if (connection.dialect.sendsCurrentValue)
    return { ...seen, atMs: nowMs, timeSource: "first_seen" };
  const rows = await connection.request((dialect) => dialect.list());
  const hostTime = rows.ok
    ? rows.value.find((row) => row.record_key === record_key)?.last_update
    : undefined;
  if (hostTime === undefined || hostTime === null) {
    return { ...seen, atMs: nowMs, timeSource: "first_seen" };
  }
  const ageMs = Math.max(0, clock.wallMs() - unixMsFromIso(hostTime));
  return { ...seen, atMs: nowMs - ageMs, timeSource: "host", hostTime };
}

/** Waits until `isThere`, looking again at each sample of the record, for `waitMs` at most. */
async function waitForSample(
  { observer, clock }: InstanceContext,
  { record_key }: RecordRow,
  waitMs: number,
  isThere: () => boolean,
): Promise<void> {
  if (isThere() || waitMs <= 0) return;
  await waitUntil({ clock, waitMs }, (finish) =>
    observer.watch(record_key, () => {
      if (isThere()) finish();
    }),
  );
}
