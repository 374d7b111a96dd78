/** One method on one instance, its parameters checked and its result in the link's form. */
import type * as z from "zod/mini";
import { failure, type Failure } from "#shared/failure.ts";
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";
import {
  EFFECTS,
  METHODS,
  type Method,
  type MethodResult,
  type Params,
} from "#shared/link/method.ts";
import type { LinkTrace } from "#shared/link/methods/record-get.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { unknownWrite } from "#shared/link/unknown-write.ts";
import type { Reply, Request } from "#shared/link/request.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { notWritten } from "#shared/fleet/write-outcome.ts";
import type { Instance, SamplesReading } from "../instances/instance.ts";
import { fitting } from "../instances/reading/reading-many.ts";
import type { RecordReading } from "../instances/reading/reading.ts";
import type { DeviceWrites } from "../writes/device-writes.ts";
import { answerBytes, lagBound, paceOf, type Line } from "./line-share.ts";
import { toLinkSample, toLinkTrace } from "./link-sample.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

export interface AnswerContext {
  readonly callId: string;
  readonly principal: string;
  readonly instance: Instance;
  readonly writes: DeviceWrites;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** On the relay's monotonic clock. */
  readonly sessionStartMs: number;
  /** Undefined if nothing is in between. */
  readonly line?: Line | undefined;
}

type Answer = Promise<Result<MethodResult<Method>, Failure>>;

export async function answer(method: Method, params: JsonValue, context: AnswerContext): Answer {
  if (isOfStore(method)) return answerOfStore(method, params, context);
  switch (method) {
    case "record.list":
      return withParams(METHODS[method].params, params, (p) => context.instance.list(p, context));
    case "record.get":
      return withParams(METHODS[method].params, params, (p) => get(p.record, context));
    case "record.set":
      return withParams(METHODS[method].params, params, (p) => set(p, context));
    case "record.get_many":
      return withParams(METHODS[method].params, params, (p) => getMany(p, context));
    case "record.schema":
      return withParams(METHODS[method].params, params, (p) => context.instance.schema(p, context));
    case "record.drain":
      return withParams(METHODS[method].params, params, (p) => context.instance.drain(p, context));
    case "graph.get":
      return withParams(METHODS[method].params, params, (p) => context.instance.graph(p));
    case "diagnostics.get":
      return withParams(METHODS[method].params, params, (p) => context.instance.diagnostics(p));
    case "diagnostics.reset":
      return withParams(METHODS[method].params, params, (p) =>
        context.instance.resetDiagnostics(p),
      );
  }
}

type StoreMethod = Extract<Method, `samples.${string}`>;

function isOfStore(method: Method): method is StoreMethod {
  return method.startsWith("samples.");
}

/** Answered from what the relay has observed. */
async function answerOfStore(
  method: StoreMethod,
  params: JsonValue,
  context: AnswerContext,
): Answer {
  switch (method) {
    case "samples.history":
      return withParams(METHODS[method].params, params, (p) =>
        context.instance.history(p, context),
      );
    case "samples.read":
      return withParams(METHODS[method].params, params, (p) => samples(p, context));
    case "samples.watch":
      return withParams(METHODS[method].params, params, (p) => watch(p, context));
  }
}

async function withParams<S extends z.ZodMiniType>(
  schema: S,
  params: JsonValue,
  run: (params: z.infer<S>) => Answer,
): Answer {
  const parsed = safeParse(schema, params);
  if (parsed.success) return run(parsed.data);
  return err(
    failure("invalid_input", "The relay does not accept these parameters. Update the relay."),
  );
}

async function get(record: string, { instance, timeoutMs, sessionStartMs }: AnswerContext): Answer {
  const reading = await instance.get(record, timeoutMs);
  if (!reading.ok) return reading;
  return ok(toLinkReading(reading.value, sessionStartMs));
}

async function getMany(
  { records, trace_points: tracePoints }: Params<"record.get_many">,
  { instance, timeoutMs, sessionStartMs }: AnswerContext,
): Answer {
  const entries = await instance.getMany(records, timeoutMs);
  if (!entries.ok) return entries;
  const traces = new Map<string, LinkTrace>();
  for (const { reading } of entries.value) {
    if (!reading.ok || tracePoints === undefined) continue;
    const { recordKey } = reading.value;
    const trace = instance.trace(recordKey, tracePoints);
    if (trace !== undefined) traces.set(recordKey, toLinkTrace(trace, sessionStartMs));
  }
  const traceBytes = (recordKey: string) => {
    const trace = traces.get(recordKey);
    return trace === undefined ? 0 : JSON.stringify(trace).length;
  };
  return ok({
    entries: fitting(entries.value, traceBytes).map(({ name, reading }) => {
      if (!reading.ok) return { record: name, ...toLinkError(reading.error) };
      const trace = traces.get(reading.value.recordKey);
      const entry = { record: name, ok: toLinkReading(reading.value, sessionStartMs) };
      return trace === undefined ? entry : { ...entry, trace };
    }),
  });
}

function toLinkReading(
  { recordKey, loss, sample }: RecordReading,
  sessionStartMs: number,
): MethodResult<"record.get"> {
  return { record_key: recordKey, loss, sample: toLinkSample(sample, sessionStartMs) };
}

function toLinkError({
  code,
  message,
  details,
}: Failure): Pick<Reply, "err" | "message" | "details"> {
  return { err: code, message, ...(details === undefined ? {} : { details }) };
}

async function set(
  params: Params<"record.set">,
  { callId, principal, instance, writes, timeoutMs, signal, sessionStartMs }: AnswerContext,
): Answer {
  const { record, value, not_after_ms, approval, expected, limits = [] } = params;
  return ok(
    await writes.write({
      callId,
      principal,
      instance: instance.name,
      record,
      value,
      approval,
      expected,
      isDryRun: params.dry_run === true,
      skipsValidation: params.skip_validation === true,
      limits,
      notAfterMs: sessionStartMs + not_after_ms,
      timeoutMs,
      signal,
    }),
  );
}

async function samples(
  params: Params<"samples.read">,
  { instance, signal, sessionStartMs, line }: AnswerContext,
): Answer {
  const max_bytes = answerBytes(params.max_bytes, line);
  const pace = paceOf(line);
  const lag = pace === undefined ? undefined : lagBound(line);
  const result = await instance.samples({ ...params, max_bytes }, { signal, lag, pace });
  if (!result.ok) return result;
  return ok(toLinkSamples(result.value, sessionStartMs));
}

async function watch(
  params: Params<"samples.watch">,
  { instance, signal, sessionStartMs, line }: AnswerContext,
): Answer {
  const max_bytes = answerBytes(params.max_bytes, line);
  const lag = lagBound(line);
  const pace = paceOf(line);
  const result = await instance.watch({ ...params, max_bytes }, { signal, lag, pace });
  if (!result.ok) return result;
  const { loss, entries, more } = result.value;
  return ok({
    entries: entries.map(({ record, watched }) =>
      watched.ok
        ? { record, ok: toLinkSamples({ loss, ...watched.value }, sessionStartMs) }
        : { record, ...toLinkError(watched.error) },
    ),
    more,
  });
}

function toLinkSamples(
  { recordKey, loss, reading }: SamplesReading,
  sessionStartMs: number,
): MethodResult<"samples.read"> {
  return {
    record_key: recordKey,
    loss,
    samples: reading.samples.map((sample) => toLinkSample(sample, sessionStartMs)),
    gaps: [...reading.gaps],
    cursor: reading.cursor,
    more: reading.more,
  };
}

type Asked = Pick<Request, "method" | "params">;

/** What can be said of a call whose deadline passed. */
export function overdue({ method, params }: Asked): Result<WriteOutcome, Failure> {
  const isDryRun = isJsonObject(params) && params["dry_run"] === true;
  if (method === "record.set" && isDryRun) return ok(notWritten(NOT_CHECKED));
  if (method !== "record.set") {
    const text = "The AimDB process did not answer within the deadline.";
    const more = EFFECTS[method] === "write" ? " It may have been done." : "";
    return err(failure("instance_slow", `${text}${more}`));
  }
  return ok(
    unknownWrite(
      "instance_slow",
      "The AimDB process did not answer the write within the deadline.",
    ),
  );
}

/** What can be said of a call for which there is no time: nothing of it was begun. */
export function tooLate(asked: Asked): Result<WriteOutcome, Failure> {
  if (asked.method !== "record.set") return overdue(asked);
  return ok({
    outcome: "not_applied",
    code: "link_lost",
    message: "No time was left to send the write, so nothing was changed.",
  });
}

const NOT_CHECKED = failure(
  "instance_slow",
  "The AimDB process did not answer within the deadline. It was a dry run: nothing was changed.",
);
