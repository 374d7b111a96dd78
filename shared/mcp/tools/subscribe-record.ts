import * as z from "zod/mini";
import { failure, type Failure } from "../../failure.ts";
import type { Fleet, SubscriptionBatch, TimedSample } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import type { Gap } from "../../link/methods/samples-read.ts";
import { err, ok, type Result } from "../../result.ts";
import { byteLength, fittingValue, maxBytesInput, sizeLimit } from "../fit.ts";
import {
  DEFAULT_SUBSCRIPTION_S,
  MAX_CALL_WAIT_MS,
  MAX_RESULT_BYTES,
  MAX_SUBSCRIPTION_S,
} from "../limits.ts";
import { presentable, presentableText } from "../presentable.ts";
import { presentableKey, recordNameInput } from "../record-name.ts";
import { instanceInput, selectOneInstance, socketInput } from "../targets.ts";
import { defineTool } from "../tool.ts";

const input = z.object({
  record_name: recordNameInput,
  instance: instanceInput,
  socket: socketInput,
  duration_seconds: z.optional(
    z
      .number()
      .check(
        z.int(),
        z.minimum(1),
        z.maximum(MAX_SUBSCRIPTION_S),
        z.describe(
          "How long to monitor, 1 to 3600. Default 60. One call returns after 25 s at most.",
        ),
      ),
  ),
  max_events: z.optional(
    z
      .number()
      .check(z.int(), z.minimum(1), z.maximum(10_000), z.describe("End after this many events.")),
  ),
  subscription_id: z.optional(
    z
      .string()
      .check(z.maxLength(100), z.describe("Continue this subscription where its last call ended.")),
  ),
  max_bytes: maxBytesInput,
});

export const subscribeRecord = defineTool({
  name: "subscribe_record",
  title: "Monitor a record",
  description:
    "Watches one record of one instance and returns the samples that arrive, oldest first. Returns when duration_seconds or max_events is reached, or after 25 s with complete false: then call again with the same record_name and subscription_id, which continues without a gap. dropped_events is null where the host can't show losses (loss says so). Not for mailboxes.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  input,
  output: z.looseObject({
    subscription_id: z.string(),
    instance: z.string(),
    record_name: z.string(),
    events: z.array(
      z.looseObject({
        sequence: z.nullable(z.number()),
        timestamp: z.string(),
        value: z.unknown(),
      }),
    ),
    dropped_events: z.nullable(z.number()),
    complete: z.boolean(),
  }),
  run: async (arguments_, { fleet }) => {
    const opened =
      arguments_.subscription_id === undefined
        ? await open(fleet, arguments_)
        : ok(arguments_.subscription_id);
    if (!opened.ok) return opened;
    const limit = sizeLimit(arguments_.max_bytes);
    const batch = await fleet.readSubscription(opened.value, {
      waitMs: MAX_CALL_WAIT_MS,
      maxBytes: limit - ABOUT_BYTES,
    });
    if (!batch.ok) return batch;
    return ok({ output: toOutput(opened.value, batch.value, limit) });
  },
});

async function open(
  fleet: Fleet,
  options: z.infer<typeof input>,
): Promise<Result<string, Failure>> {
  const { record_name, instance, socket, max_events } = options;
  const selected = await selectOneInstance(fleet, { instance, socket, record: record_name });
  if (!selected.ok) return selected;
  const subscribed = await fleet.subscribe({
    instance: selected.value,
    record: record_name,
    durationMs: (options.duration_seconds ?? DEFAULT_SUBSCRIPTION_S) * 1000,
    maxEvents: max_events,
  });
  return subscribed.ok ? ok(subscribed.value.id) : err(withAdvice(subscribed.error));
}

function withAdvice(refusal: Failure): Failure {
  if (refusal.code !== "too_many_subscriptions") return refusal;
  return failure(
    refusal.code,
    `${refusal.message} End one with unsubscribe_record.`,
    refusal.details,
  );
}

/** What stands beside the events, with names of usual length. */
const ABOUT_BYTES = 600;

function toOutput(id: string, batch: SubscriptionBatch, limit: number): JsonObject {
  const { instance, recordKey, loss, samples, complete } = batch;
  const gaps = gapsByReason(batch.gaps);
  const uncounted = loss === "not_visible" || gaps.some(({ missed }) => missed === null);
  const dropped = gaps.reduce((sum, { missed }) => sum + (missed ?? 0), 0);
  const head = { subscription_id: id, instance, record_name: presentableKey(recordKey) };
  const rest = {
    dropped_events: uncounted ? null : dropped,
    loss,
    ...(gaps.length > 0 ? { gaps: gaps.map(({ reason, missed }) => ({ reason, missed })) } : {}),
    complete,
    ...(complete
      ? {}
      : { next: "Call subscribe_record again with record_name and subscription_id." }),
  };
  const left = limit - byteLength({ ...head, events: [], ...rest });
  return { ...head, events: toEvents(samples, left), ...rest };
}

/** A gap has no place among the samples, so that two of one reason are one. */
function gapsByReason(gaps: readonly Gap[]): Gap[] {
  const missed = new Map<Gap["reason"], number | null>();
  for (const gap of gaps) {
    const before = missed.get(gap.reason);
    const unknown = gap.missed === null || before === null;
    missed.set(gap.reason, unknown ? null : (before ?? 0) + (gap.missed ?? 0));
  }
  return Array.from(missed, ([reason, count]) => ({ reason, missed: count }));
}

/** What was read is not read again, so that all events are shown; values that are too long are cut. */
function toEvents(samples: readonly TimedSample[], maxBytes: number): JsonObject[] {
  const events = samples.map((sample) => ({ ...about(sample), value: presentable(sample.value) }));
  if (byteLength(events) <= maxBytes) return events;
  const share = Math.floor(maxBytes / events.length);
  return events.map(({ value, ...event }) => ({
    ...event,
    ...fittingValue(value, share - byteLength({ ...event, value: 0 }) - 1, adviceFor),
  }));
}

function about({ sequence, timestamp, timeSource }: TimedSample): JsonObject {
  return { sequence, timestamp: presentableText(timestamp), timestamp_source: timeSource };
}

function adviceFor(bytes: number): string {
  const fits = bytes + ABOUT_BYTES * 2 <= MAX_RESULT_BYTES;
  return fits
    ? `Go on with max_bytes ${bytes + ABOUT_BYTES * 2}.`
    : "It is longer than any answer may be.";
}
