import * as z from "zod/mini";
import { failure, type Failure } from "../../failure.ts";
import type { Fleet, History, HistoryQuery, TimedBucket } from "../../fleet/fleet.ts";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { err, ok, type Result } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import { byteLength, maxBytesInput } from "../answers/fit.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentable, presentableText } from "../answers/presentable.ts";
import { presentableKey, recordNameInput } from "../asking/record-name.ts";
import { shownLoss } from "../answers/shown-loss.ts";
import { newestFitting } from "../answers/shown-samples.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { toAgeRange } from "../asking/time-range.ts";
import { defineTool } from "../tool.ts";

const DEFAULT_POINTS = 200;
const MAX_POINTS = 2_000;
const MAX_SPAN_S = 366 * 86_400;

const timeInput = (text: string) =>
  z.optional(z.string().check(z.minLength(1), z.maxLength(40), z.describe(text)));

const input = z.strictObject({
  record_name: recordNameInput,
  instance: instanceInput,
  socket: socketInput,
  last_seconds: z.optional(
    z
      .number()
      .check(
        z.minimum(1),
        z.maximum(MAX_SPAN_S),
        z.describe("How far back from to (or now): 600 is 10 minutes."),
      ),
  ),
  from: timeInput('ISO-8601 with zone, instead of last_seconds: "2026-11-25T10:00:00Z".'),
  to: timeInput("ISO-8601 with zone. Default now."),
  bucket_seconds: z.optional(
    z
      .number()
      .check(
        z.minimum(0.001),
        z.maximum(MAX_SPAN_S),
        z.describe("Bucket length: min, max, mean, last of each number."),
      ),
  ),
  max_points: z.optional(
    z
      .number()
      .check(
        z.int(),
        z.minimum(1),
        z.maximum(MAX_POINTS),
        z.describe("Newest samples or buckets, 1 to 2000. Default 200."),
      ),
  ),
  max_bytes: maxBytesInput,
});

export const queryHistory = defineTool({
  name: "query_history",
  title: "Query a record's history",
  description:
    "Returns a record's past values, oldest first: samples, or buckets for long spans. From the host's persistence, else from what the relay kept while watching (bounded); completeness says which, how far back it reaches and what is missing. Without a span: the newest. For future values use subscribe_record.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input,
  output: z.looseObject({
    ...acrossOutput,
    record_name: z.optional(z.string()),
    samples: z.optional(z.array(z.looseObject({}))),
    buckets: z.optional(z.array(z.looseObject({}))),
    total: z.optional(z.number()),
    completeness: z.optional(z.looseObject({})),
  }),
  run: async (arguments_, { fleet }) => {
    const { record_name, instance, socket, max_bytes } = arguments_;
    const query = toQuery(arguments_, fleet.nowMs());
    if (!query.ok) return query;
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: (target) => readHistory(fleet, query.value, target),
    });
  },
});

const MIN_SHARE_BYTES = 1_000;

type Query = Omit<HistoryQuery, "maxBytes">;

function toQuery(
  { record_name, last_seconds, from, to, bucket_seconds, max_points }: z.infer<typeof input>,
  nowMs: number,
): Result<Query, Failure> {
  const range = toAgeRange({ lastSeconds: last_seconds, from, to }, nowMs);
  if (!range.ok) return err(failure("invalid_input", range.error));
  return ok({
    record: record_name,
    ...range.value,
    maxPoints: max_points ?? DEFAULT_POINTS,
    bucketMs:
      bucket_seconds === undefined ? undefined : Math.max(1, Math.round(bucket_seconds * 1000)),
  });
}

async function readHistory(
  fleet: Fleet,
  query: Query,
  target: Target,
): Promise<Result<JsonObject, Failure>> {
  const answer = await fleet.history(target.instance, { ...query, maxBytes: target.maxBytes });
  if (!answer.ok) return answer;
  const since = query.fromAgeMs === undefined ? undefined : fleet.nowMs() - query.fromAgeMs;
  return ok(toOutput(answer.value, since, target.maxBytes));
}

/** `completeness`, the counts and what to do about the rest. */
const ABOUT_BYTES = 900;

function toOutput(history: History, sinceMs: number | undefined, maxBytes: number): JsonObject {
  const { recordKey, samples, buckets, total, isTotalExact } = history;
  const head = { record_name: presentableKey(recordKey) };
  const left = maxBytes - byteLength(head) - Math.min(ABOUT_BYTES, maxBytes * 0.7);
  const shown = buckets === undefined ? newestFitting(samples, left) : newestBuckets(buckets, left);
  const covered = buckets === undefined ? shown.length : countOf(shown);
  const notShown = Math.max(0, total - covered);
  return {
    ...head,
    [buckets === undefined ? "samples" : "buckets"]: shown,
    ...(buckets !== undefined && haveNoNumbers(buckets) ? { note: NO_NUMBERS } : {}),
    total,
    ...(isTotalExact ? {} : { total_is: "at_least" }),
    not_shown: notShown,
    ...(notShown > 0 || !isTotalExact ? { next: nextStep(shown[0]) } : {}),
    completeness: completenessOf(history, sinceMs),
  };
}

const NO_NUMBERS = "No sample has a number, but for lists and times: leave out bucket_seconds.";

function haveNoNumbers(buckets: readonly TimedBucket[]): boolean {
  return buckets.length > 0 && buckets.every(({ fields }) => Object.keys(fields).length === 0);
}

function countOf(buckets: readonly JsonObject[]): number {
  return buckets.reduce((sum, { count }) => sum + Number(count), 0);
}

function nextStep(oldest: JsonObject | undefined): string {
  const earlier =
    typeof oldest?.["timestamp"] === "string"
      ? `For earlier ones call again with to = ${oldest["timestamp"]}. `
      : "";
  return `${earlier}For less detail use bucket_seconds; for more at once max_points and max_bytes.`;
}

function newestBuckets(buckets: readonly TimedBucket[], maxBytes: number): JsonObject[] {
  const rows: JsonObject[] = [];
  let bytes = 0;
  for (const { timestamp, count, fields } of buckets.toReversed()) {
    const row = { timestamp: presentableText(timestamp), count, fields: shownFields(fields) };
    bytes += byteLength(row) + 1;
    if (bytes > maxBytes) break;
    rows.unshift(row);
  }
  return rows;
}

/** A mean has more digits than are meaningful. */
const MEAN_DIGITS = 12;

function shownFields(fields: TimedBucket["fields"]): JsonValue {
  const rounded = Object.entries(fields).map(([path, { mean, ...field }]) => [
    path,
    { ...field, mean: Number(mean.toPrecision(MEAN_DIGITS)) },
  ]);
  return presentable(Object.fromEntries(rounded));
}

const SOURCES = {
  host: "the host's own persistence",
  relay: "what the relay kept while watching the record, within its memory",
} as const;

/** Where it comes from, how far back that reaches, and what is missing in it. */
function completenessOf(history: History, sinceMs: number | undefined): JsonObject {
  const { source, oldest, hostReason } = history;
  return {
    source,
    source_is: SOURCES[source],
    oldest_kept: oldest === null ? null : presentableText(oldest, 40),
    ...(sinceMs === undefined ? {} : { covers_start: coversStart(history, sinceMs) }),
    ...shownLoss(history),
    ...(hostReason === undefined
      ? {}
      : { no_persistence: presentableText(hostReason, MAX_REASON_LENGTH) }),
  };
}

/** Null if the host was not asked how far back it reaches. */
function coversStart({ source, oldest }: History, sinceMs: number): boolean | null {
  if (oldest === null) return source === "host" ? null : false;
  return Date.parse(oldest) <= sinceMs;
}
