/** What a record's values look like, inferred from the samples that are kept of it. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { Failure } from "#shared/failure.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { inferSchema, type InferredSchema } from "#shared/schema/infer-schema.ts";
import { ok, type Result } from "#shared/result.ts";
import { toLinkSample } from "../../link/link-sample.ts";
import type { InstanceContext } from "../context.ts";
import type { HostConnection } from "../host/host-connection.ts";
import { isOnlyObserved } from "../observing/only-observed.ts";
import { readCurrent, type ReadSample } from "./reading.ts";
import { toSessionMs } from "../observing/session-clock.ts";

/** How old a schema may be; its example is always the newest. */
const SCHEMA_MAX_AGE_MS = 5_000;

/** Takes ten milliseconds on a fast machine; more samples would show nothing new. */
export const MAX_SAMPLES = 5_000;

/** An inference is some kilobytes. */
const MAX_CACHED = 100;

export interface SchemaRequest {
  readonly connection: HostConnection;
  readonly row: RecordRow;
  readonly includeExample: boolean;
  readonly timeoutMs: number;
  readonly sessionStartMs: number;
}

interface Inference extends InferredSchema {
  readonly samples: number;
  readonly sinceAtMs: number | undefined;
  readonly example: ReadSample | undefined;
}

interface Cached {
  readonly connection: HostConnection;
  readonly atMs: number;
  readonly inference: Inference;
}

export class Schemas {
  readonly #context: InstanceContext;
  readonly #cached = new Map<string, Cached>();

  constructor(context: InstanceContext) {
    this.#context = context;
  }

  async read(request: SchemaRequest): Promise<Result<MethodResult<"record.schema">, Failure>> {
    const { row, includeExample, sessionStartMs } = request;
    const inference = await this.#infer(request);
    if (!inference.ok) return inference;
    const { schema, guessed, samples, sinceAtMs, example } = inference.value;
    const since = sinceAtMs === undefined ? null : toSessionMs(sinceAtMs, sessionStartMs);
    return ok({
      record_key: row.record_key,
      type_name: row.type_name,
      schema,
      inferred_from: { samples, since_at_ms: since },
      guessed: [...guessed],
      ...(includeExample && example !== undefined
        ? { example: toLinkSample(example, sessionStartMs) }
        : {}),
    });
  }

  /** After a write the record may hold what no sample showed before. */
  forget(record: string): void {
    this.#cached.delete(record);
  }

  async #infer(request: SchemaRequest): Promise<Result<Inference, Failure>> {
    const { store, storeKey, counts } = this.#context;
    const { record_key } = request.row;
    const newest = store.latest(storeKey(record_key));
    const cached = this.#cachedOf(request);
    counts.noteCache("schema", cached !== undefined);
    if (cached !== undefined) return ok({ ...cached, example: newest });
    const kept = store.kept(storeKey(record_key)).slice(-MAX_SAMPLES);
    if (kept.length === 0) return this.#inferFromRead(request);
    const inference = inferFrom(request.row, kept);
    this.#keep(request, inference);
    return ok({ ...inference, example: newest });
  }

  #cachedOf({ connection, row }: SchemaRequest): Inference | undefined {
    const cached = this.#cached.get(row.record_key);
    if (cached?.connection !== connection) return undefined;
    const ageMs = this.#context.clock.monotonicMs() - cached.atMs;
    return ageMs < SCHEMA_MAX_AGE_MS ? cached.inference : undefined;
  }

  #keep({ connection, row }: SchemaRequest, inference: Inference): void {
    if (this.#cached.size >= MAX_CACHED) this.#cached.clear();
    const atMs = this.#context.clock.monotonicMs();
    this.#cached.set(row.record_key, { connection, atMs, inference });
  }

  /**
   * Nothing was observed: looks at what the host holds, except a ring of a host that keeps no latest value, since that
   * would wait for the next one.
   */
  async #inferFromRead(request: SchemaRequest): Promise<Result<Inference, Failure>> {
    const { connection, row, timeoutMs } = request;
    if (isOnlyObserved(row, connection.dialect)) return ok(inferFrom(row, []));
    const read = await readCurrent(this.#context, connection, row, timeoutMs);
    if (read.ok) return ok({ ...inferFrom(row, [read.value]), example: read.value });
    return WITHOUT_VALUE.has(read.error.code) ? ok(inferFrom(row, [])) : read;
  }
}

/** The record exists all the same, and its type has a name. */
const WITHOUT_VALUE: ReadonlySet<Failure["code"]> = new Set(["no_value", "no_remote_access"]);

function inferFrom(
  { type_name, signal_stats }: RecordRow,
  samples: readonly ReadSample[],
): Inference {
  const values = samples.map(({ value }) => value);
  const inferred = inferSchema({ typeName: type_name, values, signals: signal_stats });
  return {
    ...inferred,
    samples: samples.length,
    sinceAtMs: samples[0]?.atMs,
    example: undefined,
  };
}
