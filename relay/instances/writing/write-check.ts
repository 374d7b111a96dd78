/** Everything that may speak against a write, asked just before it on the connection that will carry it. */
import { brokenLimit, needsCurrentValue, type Bounding } from "#shared/access/write-limits.ts";
import type { FieldLimits } from "#shared/access/write-rule.ts";
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { sameReading } from "#shared/json/f32.ts";
import { failure, type Failure } from "#shared/failure.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { GivenApproval, WriteDecision } from "../../access/write-policy.ts";
import type { InstanceContext } from "../context.ts";
import type { HostCallFailure, HostConnection } from "../host/host-connection.ts";
import { toFailure } from "../host/host-failure.ts";
import { isOnlyObserved } from "../observing/only-observed.ts";
import type { ShownValues } from "./shown-values.ts";
import { checkValue } from "./value-check.ts";

export interface WriteRequest {
  readonly callId: string;
  readonly row: RecordRow;
  readonly value: JsonValue;
  readonly approval: GivenApproval;
  /** What the record must hold. */
  readonly expected?: JsonValue | undefined;
  readonly isDryRun: boolean;
  readonly skipsValidation: boolean;
  /** The team's bounds. */
  readonly limits: readonly FieldLimits[];
  /** On the relay's monotonic clock: what would begin later does not begin. */
  readonly notAfterMs: number;
  /** Aborts when nobody waits any more: what is not sent by then is not sent at all. */
  readonly signal: AbortSignal;
}

export interface Checked {
  readonly current: JsonValue | undefined;
  /** True if a rule compared the value with `current`. */
  readonly compared: boolean;
  readonly warnings: readonly string[];
}

/** Ways to read what the record holds. */
export interface Current {
  readonly connection: HostConnection;
  readonly shown: Pick<ShownValues, "value">;
}

type Allowed = Extract<WriteDecision, { writable: true }>;

/** Enough to know which fields are always there. */
const MAX_SAMPLES = 100;

export async function checkWrite(
  context: InstanceContext,
  current: Current,
  { entries }: Allowed,
  request: WriteRequest,
): Promise<Result<Checked, Failure>> {
  const { value, expected, limits } = request;
  const teamRules = limits.map((fields) => ({ fields }));
  const compared = expected !== undefined || needsCurrentValue([...entries, ...teamRules]);
  const seen = request.skipsValidation ? [] : samplesOf(context, request.row);
  const read = await readFor(current, request, { compared, seen });
  if (!read.ok) return read;
  const held = read.value;
  const refusal =
    brokenExpectation(expected, held) ??
    brokenBound(entries, { value, current: held, by: "refused_by_device" }) ??
    brokenBound(teamRules, { value, current: held, by: "refused_by_team" });
  if (refusal !== undefined) return err(refusal);
  const shape = shapeOf(request, held === undefined ? seen : [...seen, held]);
  if (shape.problems.length > 0) return err(misfit(shape.problems, value));
  return ok({ current: held, compared, warnings: shape.warnings });
}

/**
 * Read only if it decides something. For the shape check alone, a host that does not answer counts as having no value.
 */
async function readFor(
  current: Current,
  request: WriteRequest,
  { compared, seen }: { compared: boolean; seen: readonly JsonValue[] },
): Promise<Result<JsonValue | undefined, Failure>> {
  const must = compared || request.isDryRun;
  const isKnown = seen.length > 0 || request.skipsValidation;
  if (!must && isKnown) return ok(undefined);
  const read = await readNow(current, request);
  return read.ok || must ? read : ok(undefined);
}

function shapeOf(
  { skipsValidation, value }: WriteRequest,
  seen: readonly JsonValue[],
): ReturnType<typeof checkValue> {
  return skipsValidation ? { problems: [], warnings: [] } : checkValue(seen, value);
}

/** The newest, of the host's present run only: an earlier release may have had another form. */
function samplesOf({ store, storeKey }: InstanceContext, { record_key }: RecordRow): JsonValue[] {
  const bounds = {
    maxBytes: Number.POSITIVE_INFINITY,
    maxSamples: MAX_SAMPLES,
    untilMs: Number.POSITIVE_INFINITY,
  };
  const key = storeKey(record_key);
  const present = store.present(key);
  if (present === undefined) return [];
  const { epoch } = present;
  const cursor = { epoch, sequence: Math.max(0, present.sequence - MAX_SAMPLES) };
  const { samples } = store.read(key, cursor, bounds);
  return samples.flatMap((sample) => (sample.epoch === epoch ? [sample.value] : []));
}

async function readNow(
  { connection, shown }: Current,
  { row }: WriteRequest,
): Promise<Result<JsonValue | undefined, Failure>> {
  if (isOnlyObserved(row, connection.dialect)) return ok(shown.value(row));
  const read = await connection.request((d) => d.get(row.record_key));
  if (read.ok) return read;
  return isNoValue(read.error) ? ok(undefined) : err(toFailure(read.error));
}

function isNoValue(callFailure: HostCallFailure): boolean {
  return callFailure.type === "host" && callFailure.error.code === "not_found";
}

function brokenExpectation(
  expected: JsonValue | undefined,
  current: JsonValue | undefined,
): Failure | undefined {
  if (expected === undefined) return undefined;
  const about = expected === null ? ` ${EXPECTED_NULL}` : "";
  if (current === undefined) return failure("conflict", `${NOTHING_KNOWN}${about}`);
  if (sameReading(current, expected)) return undefined;
  return failure("conflict", `${NOT_EXPECTED}${about}`);
}

const NOT_EXPECTED = "The record does not hold the expected value. Read it and decide again.";

/** Some clients fill in every argument, and would never learn why they can't write. */
const EXPECTED_NULL =
  "expected: null means that it must hold null; leave expected out to write whatever it holds.";

const NOTHING_KNOWN =
  "The record holds no value, or none that the relay has seen since it connected to the AimDB process: the expected one can't be compared.";

const BOUND_BY = {
  refused_by_device: "The device file refuses the value.",
  refused_by_team: "The team's write policy refuses the value.",
} as const;

function brokenBound(
  rules: readonly Bounding[],
  {
    value,
    current,
    by,
  }: { value: JsonValue; current: JsonValue | undefined; by: keyof typeof BOUND_BY },
): Failure | undefined {
  const broken = brokenLimit(rules, value, current);
  return broken === undefined ? undefined : failure(by, `${BOUND_BY[by]} ${broken}`);
}

function misfit(problems: readonly string[], value: JsonValue): Failure {
  const next = isJsonAsText(value)
    ? "Send the value itself, not a text that holds its JSON."
    : "If it is right all the same, write it with skip_validation.";
  return failure(
    "invalid_value",
    `The value does not look like what the record held so far: ${problems.join("; ")}. ${next}`,
  );
}

/** Some models quote an object once too often: skip_validation would only pass it on to the host. */
function isJsonAsText(value: JsonValue): boolean {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return false;
  return parseOrUndefined(value) !== undefined;
}
