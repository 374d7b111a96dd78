/** What the host counts, if it was built to, beside what the relay itself holds of each record. */
import type { Counters } from "#shared/aimx/dialect.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { failure, type Failure } from "#shared/failure.ts";
import { matchesGlob } from "#shared/text/glob.ts";
import type { MethodResult, Params } from "#shared/link/method.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { CatalogView } from "../catalog.ts";
import type { InstanceContext } from "../context.ts";
import type { HostCallFailure, HostConnection } from "../host/host-connection.ts";
import { toFailure } from "../host/host-failure.ts";
import { fittingPage } from "./page.ts";

type DiagnosticsResult = MethodResult<"diagnostics.get">;

export interface DiagnosticsRequest {
  readonly connection: HostConnection;
  readonly view: CatalogView;
  /** Only of the params' record, if one is named. */
  readonly row: RecordRow | undefined;
  readonly params: Params<"diagnostics.get">;
}

export function diagnosticsOf(
  context: InstanceContext,
  { connection, view, row, params }: DiagnosticsRequest,
): DiagnosticsResult {
  const { store, observer } = context;
  const rows = row === undefined ? view.rows : [row];
  const { items, total, nextOffset } = fittingPage(rows, params, (each) =>
    countersOf(context, each),
  );
  return {
    has_metrics: view.rows.some(({ produced_count }) => produced_count !== undefined),
    has_profiling: view.rows.some(({ stage_profiling }) => stage_profiling !== undefined),
    records: items,
    total,
    next_offset: nextOffset,
    relay: {
      subscriptions: observer.subscriptionCount,
      max_subscriptions: connection.welcome.maxSubscriptions,
      store_bytes: store.bytes,
      store_limit_bytes: store.limitBytes,
    },
  };
}

function countersOf(
  { store, storeKey }: InstanceContext,
  row: RecordRow,
): DiagnosticsResult["records"][number] {
  const { record_key, type_name, buffer_type } = row;
  const { count, bytes } = store.usage(storeKey(record_key));
  const optional = {
    buffer_capacity: row.buffer_capacity,
    produced_count: row.produced_count,
    consumed_count: row.consumed_count,
    dropped_count: row.dropped_count,
    occupancy: row.occupancy,
    stage_profiling: row.stage_profiling,
  };
  const present = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    record_key,
    type_name,
    buffer_type,
    ...Object.fromEntries(present),
    kept_samples: count,
    kept_bytes: bytes,
  };
}

/** Never repeated. It touches every record of the instance, so every record must be open. */
export async function resetCounters(
  context: InstanceContext,
  connection: HostConnection,
  what: Counters,
): Promise<Result<MethodResult<"diagnostics.reset">, Failure>> {
  const refusal = resetRefusal(context);
  if (refusal !== undefined) return err(refusal);
  const done = await connection.request((dialect) => dialect.reset(what));
  context.catalog.invalidate();
  return done.ok ? ok({ reset: true }) : err(resetFailure(done.error));
}

function resetRefusal({ name, config }: InstanceContext): Failure | undefined {
  const isOpen = config.writableRecords.some(
    ({ record, instance = "*" }) => record === "*" && matchesGlob(instance, name),
  );
  if (!isOpen) {
    return failure(
      "refused_by_device",
      'A reset touches every record. The device file allows it where writable_records has "*" for the instance.',
    );
  }
  if (config.confirmWrites === "never") return undefined;
  return failure(
    "refused_by_device",
    "The device file asks for a confirmation of every change (confirm_writes), and a reset can't be confirmed.",
  );
}

/** A host that refuses did nothing; about an unanswered request nothing is proven. */
function resetFailure(callFailure: HostCallFailure): Failure {
  const reason = toFailure(callFailure);
  const isUnknown =
    callFailure.type === "timeout" || (callFailure.type === "closed" && callFailure.sent);
  return isUnknown
    ? failure(reason.code, `${reason.message} The reset may have been done.`)
    : reason;
}
