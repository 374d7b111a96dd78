/** What a record was in a span of time: from the host's persistence, else from what the relay kept. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { MAX_TEXT_LENGTH } from "#shared/link/limits.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import type { HistoryBucket } from "#shared/link/methods/samples-history.ts";
import type { Loss } from "#shared/link/sample.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { toLinkSample } from "../../link/link-sample.ts";
import type { TimeSpan } from "../../store/sample-store.ts";
import type { InstanceContext } from "../context.ts";
import { Buckets, NewestSamples, type Bucket, type HistorySink } from "./history-points.ts";
import type { HostHistoryReader, WallSpan } from "./host-history.ts";
import { toSessionMs } from "../observing/session-clock.ts";

type HistoryParams = Params<"samples.history">;
type HistoryResult = MethodResult<"samples.history">;

export interface HistoryRequest {
  readonly row: RecordRow;
  /** The loss of what the relay observes itself; nobody shows what a store lost. */
  readonly loss: Loss;
  readonly params: HistoryParams;
  readonly sessionStartMs: number;
  readonly signal: AbortSignal;
}

type Source = Pick<
  HistoryResult,
  "loss" | "source" | "total" | "is_total_exact" | "gaps" | "oldest_at_ms"
>;

export async function readHistory(
  context: InstanceContext,
  host: HostHistoryReader,
  request: HistoryRequest,
): Promise<Result<HistoryResult, Failure>> {
  const span = spanOf(request.params, context.clock.monotonicMs());
  const fromHost = emptyPoints(request.params, span);
  const stored = await askHost(context, host, request, { span, sink: fromHost.sink });
  if (stored.ok) return ok({ ...headOf(request), ...stored.value, ...fromHost.give(request) });

  if (request.row.buffer_type === "mailbox") return err(NO_MAILBOX_HISTORY);
  // A record that could be observed and is not is watched from now on: the next query finds more.
  await context.observer.ensure(request.row);
  return ok(keptHistory(context, request, stored.error));
}

/** Works without the host, which may be gone: what the relay kept of it stays. */
export function keptHistory(
  context: InstanceContext,
  request: HistoryRequest,
  hostReason: string,
): HistoryResult {
  const span = spanOf(request.params, context.clock.monotonicMs());
  const points = emptyPoints(request.params, span);
  const kept = readKept(context, request, { span, sink: points.sink });
  const host_reason = hostReason.slice(0, MAX_TEXT_LENGTH);
  return { ...headOf(request), ...kept, ...points.give(request), host_reason };
}

function headOf({ row }: HistoryRequest): Pick<HistoryResult, "record_key"> {
  return { record_key: row.record_key };
}

function spanOf({ from_in_ms, to_in_ms = 0 }: HistoryParams, nowMs: number): TimeSpan {
  const fromMs = from_in_ms === undefined ? Number.NEGATIVE_INFINITY : nowMs + from_in_ms;
  return { fromMs, toMs: nowMs + to_in_ms };
}

interface Points {
  readonly sink: HistorySink;
  give(request: HistoryRequest): Pick<HistoryResult, "samples" | "buckets">;
}

function emptyPoints(params: HistoryParams, span: TimeSpan): Points {
  const bounds = { maxPoints: params.max_points, maxBytes: params.max_bytes };
  if (params.bucket_ms === undefined) {
    const sink = new NewestSamples(bounds);
    const give = ({ sessionStartMs }: HistoryRequest) => ({
      samples: sink.oldestFirst().map((sample) => toLinkSample(sample, sessionStartMs)),
    });
    return { sink, give };
  }
  const sink = new Buckets({ endMs: span.toMs, bucketMs: params.bucket_ms }, bounds);
  const give = ({ sessionStartMs }: HistoryRequest) => ({
    samples: [],
    buckets: sink.oldestFirst().map((bucket) => toLinkBucket(bucket, sessionStartMs)),
  });
  return { sink, give };
}

function toLinkBucket({ fromMs, count, fields }: Bucket, sessionStartMs: number): HistoryBucket {
  return { at_ms: toSessionMs(fromMs, sessionStartMs), count, fields: Object.fromEntries(fields) };
}

interface Wanted {
  readonly span: TimeSpan;
  readonly sink: HistorySink;
}

async function askHost(
  { clock, store, storeKey }: InstanceContext,
  host: HostHistoryReader,
  { row: { record_key: key }, params, sessionStartMs, signal }: HistoryRequest,
  { span, sink }: Wanted,
): Promise<Result<Source, string>> {
  const { epoch } = store.cursor(storeKey(key));
  const maxRows = params.bucket_ms === undefined ? params.max_points + 1 : Number.POSITIVE_INFINITY;
  const wallOffsetMs = clock.wallMs() - clock.monotonicMs();
  const call = { key, span: toWall(span, params, wallOffsetMs), epoch, maxRows, signal };
  const read = await host.read(call, sink);
  if (!read.ok) return read;
  const { count, isWhole, oldestAtMs } = read.value;
  return ok({
    loss: "not_visible",
    source: "host",
    total: count,
    is_total_exact: isWhole,
    gaps: [],
    oldest_at_ms: oldestAtMs === undefined ? null : toSessionMs(oldestAtMs, sessionStartMs),
  });
}

/** Host and relay share one machine, hence one wall clock. A host takes whole milliseconds from 1970 on. */
function toWall({ fromMs, toMs }: TimeSpan, params: HistoryParams, wallOffsetMs: number): WallSpan {
  const wall = (atMs: number) => Math.max(0, atMs + wallOffsetMs);
  return {
    ...(Number.isFinite(fromMs) ? { startMs: Math.ceil(wall(fromMs)) } : {}),
    ...(params.to_in_ms === undefined ? {} : { endMs: Math.floor(wall(toMs)) }),
  };
}

function readKept(
  { store, storeKey }: InstanceContext,
  { row, loss, sessionStartMs }: HistoryRequest,
  { span, sink }: Wanted,
): Source {
  const { samples, gaps, oldest } = store.span(storeKey(row.record_key), span);
  for (const sample of samples.toReversed()) {
    if (!sink.add(sample)) break;
  }
  return {
    loss,
    source: "relay",
    total: samples.length,
    is_total_exact: true,
    gaps: [...gaps],
    oldest_at_ms: oldest === undefined ? null : toSessionMs(oldest.atMs, sessionStartMs),
  };
}

const NO_MAILBOX_HISTORY = failure(
  "not_observable",
  "A mailbox is never watched, since that takes the application's messages, and the AimDB process stores no history of it.",
);
