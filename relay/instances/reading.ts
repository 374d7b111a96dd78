/** The current value of a record, with its time and sequence. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { unixMsFromIso } from "#shared/aimx/timestamp.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { sameReading } from "#shared/f32.ts";
import type { JsonValue } from "#shared/json.ts";
import type { TimeSource } from "#shared/link/sample.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { waitUntil } from "../wait-until.ts";
import type { InstanceContext } from "./context.ts";
import type { HostConnection } from "./host-connection.ts";
import { toFailure } from "./host-failure.ts";
import type { Observed } from "./observer.ts";

/** A value that was read and an event that carries it travel on two connections. */
const EVENT_LAG_MS = 50;

/** A ring shows nothing that was produced before it was subscribed. */
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

export async function readCurrent(
  context: InstanceContext,
  connection: HostConnection,
  row: RecordRow,
  timeoutMs: number,
): Promise<Result<ReadSample, Failure>> {
  const observed = await context.observer.ensure(row);
  const onlyObserved = row.buffer_type === "spmc_ring" && connection.dialect.sendsCurrentValue;
  if (onlyObserved && observed === "live") return latestOfRing(context, row, timeoutMs);

  const value = await connection.request((dialect) => dialect.get(row.record_key), timeoutMs);
  if (!value.ok) return err(toFailure(value.error));
  const sample = await matchSample(context, row, { value: value.value, observed });
  return ok(sample ?? (await unseen(context, connection, row, value.value)));
}

/** AimX 2 and 3 keep no latest value for a ring: a `get` would answer from a drain cursor. */
async function latestOfRing(
  context: InstanceContext,
  row: RecordRow,
  timeoutMs: number,
): Promise<Result<ReadSample, Failure>> {
  const { store, storeKey } = context;
  const waitMs = Math.min(FIRST_SAMPLE_WAIT_MS, timeoutMs);
  await waitForSample(
    context,
    row,
    waitMs,
    () => store.latest(storeKey(row.record_key)) !== undefined,
  );
  const latest = store.latest(storeKey(row.record_key));
  if (latest !== undefined) return ok(latest);
  return err(
    failure(
      "no_value",
      "Nothing was produced since the relay began to watch this ring, and AimX 3 hosts keep no older value.",
    ),
  );
}

/**
 * The stored sample that `value` is. If the newest differs, its event is still on the way, or the
 * host went on while we asked: then what arrives next is the answer, being newer still.
 */
async function matchSample(
  context: InstanceContext,
  row: RecordRow,
  { value, observed }: { value: JsonValue; observed: Observed },
): Promise<ReadSample | undefined> {
  const { store, storeKey } = context;
  const key = storeKey(row.record_key);
  const latest = () => store.latest(key);
  const isCurrent = () => {
    const sample = latest();
    return sample !== undefined && sameReading(sample.value, value);
  };
  if (observed !== "live") return undefined;
  const asked = store.cursor(key).sequence;
  await waitForSample(context, row, EVENT_LAG_MS, isCurrent);
  return isCurrent() || store.cursor(key).sequence !== asked ? latest() : undefined;
}

/** A value without an event: a mailbox, or a record that could not be subscribed. */
async function unseen(
  context: InstanceContext,
  connection: HostConnection,
  { record_key }: RecordRow,
  value: JsonValue,
): Promise<ReadSample> {
  const { clock, store, storeKey } = context;
  const { epoch } = store.cursor(storeKey(record_key));
  const seen = { value, sequence: null, epoch };
  const nowMs = clock.monotonicMs();
  if (connection.dialect.sendsCurrentValue)
    return { ...seen, atMs: nowMs, timeSource: "first_seen" };
  const rows = await connection.request((dialect) => dialect.list(), EVENT_LAG_MS * 20);
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
  if (isThere()) return;
  await waitUntil({ clock, waitMs }, (finish) =>
    observer.watch(record_key, () => {
      if (isThere()) finish();
    }),
  );
}
