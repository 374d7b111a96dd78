import * as z from "zod/mini";
import { failure, type Failure } from "../../failure.ts";
import type { Fleet, TimedSample } from "../../fleet/fleet.ts";
import type { JsonObject, JsonValue } from "../../json/json.ts";
import { MAX_POSITION_LENGTH } from "../../desk/reading-position.ts";
import { err, ok, type Result } from "../../result.ts";
import {
  checkCondition,
  fieldsInstead,
  MAX_CONDITION_LENGTH,
  parseCondition,
  type Condition,
} from "../findings/condition.ts";
import { byteLength, maxBytesInput, positionInput, sizeLimit } from "../answers/fit.ts";
import { DEFAULT_SUBSCRIPTION_S, MAX_SUBSCRIPTION_S } from "../limits.ts";
import { checkedEvents } from "../answers/checked-events.ts";
import { presentable, presentableText } from "../answers/presentable.ts";
import type { EventRun } from "../asking/event-run.ts";
import { readEvents, type ReadEvents } from "../asking/read-events.ts";
import { presentableKey, recordNameInput } from "../asking/record-name.ts";
import { recordUri } from "../resources/record-uri.ts";
import { shownLoss } from "../answers/shown-loss.ts";
import { shownSamples } from "../answers/shown-samples.ts";
import { instanceInput, selectOneInstance, socketInput } from "../asking/targets.ts";
import { presentableFailure } from "../answers/tool-result.ts";
import { defineTool } from "../tool.ts";

const input = z.strictObject({
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
          "How long to monitor, 1 to 3600. Default 60; one call returns after 25 s. Set by the first call.",
        ),
      ),
  ),
  max_events: z.optional(
    z
      .number()
      .check(
        z.int(),
        z.minimum(1),
        z.maximum(10_000),
        z.describe("End after this many events in all. Set by the first call."),
      ),
  ),
  until: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(MAX_CONDITION_LENGTH),
        z.describe(
          'Stop at the first event that meets this: "celsius > 25", \'state == "off"\', ". < 5". Repeat it when continuing.',
        ),
      ),
  ),
  subscription_id: z.optional(
    z
      .string()
      .check(
        z.minLength(1),
        z.maxLength(100),
        z.describe("Continue this subscription where its last call ended."),
      ),
  ),
  cursor: positionInput,
  max_bytes: maxBytesInput,
});

export const subscribeRecord = defineTool({
  name: "subscribe_record",
  title: "Monitor a record",
  description:
    "Watches one record of one instance for some seconds and returns the samples that arrive, oldest first, with stats (min, max, mean, trend per minute) of their numbers. Stops early on max_events or until, which checks every sample and shows the newest that fit. complete false: call again with the same record_name and subscription_id, and cursor: next_cursor, which continues without a gap; if an answer did not arrive, repeat the call unchanged. dropped_events is null if the host can't show losses. For one value use get_record, for the past query_history; not for mailboxes.",
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
    events: z.array(z.looseObject({ timestamp: z.string() })),
    dropped_events: z.nullable(z.number()),
    complete: z.boolean(),
    next_cursor: z.nullable(z.string()),
  }),
  tellsProgress: true,
  run: async (arguments_, { fleet, progress }) => {
    const { until, subscription_id, cursor, max_bytes } = arguments_;
    const condition = until === undefined ? undefined : parseCondition(until);
    if (condition?.ok === false) return err(badCondition(condition.error));
    const opened =
      subscription_id === undefined ? await open(fleet, arguments_) : ok(subscription_id);
    if (!opened.ok) return opened;
    const limit = sizeLimit(max_bytes);
    const read = await readEvents(fleet, opened.value, {
      after: subscription_id === undefined ? undefined : cursor,
      maxBytes: limit - aboutBytes(limit),
      condition: condition?.value,
      // Whoever continues has been told, and waits for a field that is not always there.
      endsInVain: subscription_id === undefined,
      progress,
    });
    // Nobody else knows its id.
    if (subscription_id === undefined && isCancelled(read)) await fleet.unsubscribe(opened.value);
    if (!read.ok) return read;
    const present = await readPresent(fleet, read.value, condition?.value);
    const unused = unusedOf(arguments_, read.value.run);
    return ok({ output: toOutput(opened.value, read.value, { limit, until, present, unused }) });
  },
});

/** A continued subscription is what it was opened as, whatever the call says beside its id. */
function unusedOf(
  { subscription_id, record_name, instance, ...rest }: z.infer<typeof input>,
  { recordKey, instance: own }: EventRun,
): string[] {
  if (subscription_id === undefined) return [];
  const isOwn = instance === undefined || own === instance || own.endsWith(`/${instance}`);
  const differs = {
    record_name: record_name !== recordKey,
    instance: !isOwn,
    duration_seconds: rest.duration_seconds !== undefined,
    max_events: rest.max_events !== undefined,
  };
  return Object.entries(differs).flatMap(([name, isUnused]) => (isUnused ? [name] : []));
}

function isCancelled(read: Result<ReadEvents, Failure>): boolean {
  const why = read.ok ? read.value.interrupted : read.error;
  return why?.code === "cancelled";
}

const MAX_PRESENT_BYTES = 200;

/** A value that no longer changes gives no event: nothing beside that would be taken for no value, or for "not met". */
async function readPresent(
  fleet: Fleet,
  { run, interrupted }: ReadEvents,
  condition: Condition | undefined,
): Promise<JsonObject | undefined> {
  if (run.count > 0 || interrupted !== undefined) return undefined;
  // One that goes on is continued, or its relay is about to end: its answer waits for nothing more.
  if (condition === undefined && !run.complete) return undefined;
  const read = await fleet.getRecord(run.instance, run.recordKey);
  if (!read.ok || read.value.staleSince !== undefined) return undefined;
  const { sample } = read.value;
  const value = presentable(sample.value);
  return {
    ...(byteLength(value) <= MAX_PRESENT_BYTES ? { value } : {}),
    age_ms: Math.round(sample.ageMs),
    ...(condition === undefined ? {} : shownCheck(condition, sample.value)),
  };
}

function shownCheck(condition: Condition, value: JsonValue): JsonObject {
  const check = checkCondition(condition, value);
  const instead = check === "absent" ? shownFields(fieldsInstead(condition, value)) : {};
  return { meets: check === "met", ...instead };
}

const MAX_SHOWN_FIELD_LENGTH = 80;

function shownFields(fields: readonly string[]): JsonObject {
  return { has_fields: fields.map((field) => presentableText(field, MAX_SHOWN_FIELD_LENGTH)) };
}

function badCondition(reason: string): Failure {
  return failure("invalid_input", `until can't be read. ${reason}`);
}

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
  return subscribed.ok ? ok(subscribed.value.id) : subscribed;
}

/** What is beside the events and their statistics, with names of usual length. */
const ABOUT_BYTES = 700;

function statsBytes(limit: number): number {
  return Math.floor(limit * 0.15);
}

/** Small answers still have some room for events. */
function aboutBytes(limit: number): number {
  return Math.min(ABOUT_BYTES + statsBytes(limit), Math.floor(limit * 0.75));
}

interface Shape {
  readonly limit: number;
  readonly until: string | undefined;
  /** What the record holds, if no event came. */
  readonly present: JsonObject | undefined;
  /** Arguments that had no effect. */
  readonly unused: readonly string[];
}

function toOutput(
  id: string,
  read: ReadEvents,
  { limit, until, present, unused }: Shape,
): JsonObject {
  const { run, interrupted } = read;
  const { instance, recordKey, complete } = run;
  const record_name = presentableKey(recordKey);
  const head = {
    subscription_id: id,
    instance,
    record_name,
    ...(unused.length > 0 ? { unused_arguments: unused } : {}),
  };
  const rest = {
    ...run.stats.shown(statsBytes(limit)),
    ...(until === undefined ? { present } : { until: { ...toVerdict(until, run), present } }),
    ...shownLoss(run),
    complete,
    next_cursor: complete ? null : presentableText(run.next, MAX_POSITION_LENGTH),
    ...(interrupted === undefined ? {} : { interrupted: presentableFailure(interrupted) }),
    ...(complete ? {} : { next: nextStep(until, read) }),
    resource_uri: recordUri(instance, recordKey),
  };
  const maxBytes = limit - byteLength({ ...head, events: [], ...rest });
  const shown = { maxBytes, besideBytes: aboutBytes(limit), how: "Continue" };
  const events =
    until === undefined ? { events: shownSamples(run.samples, shown) } : checkedEvents(run, shown);
  return { ...head, ...events, ...rest };
}

function nextStep(until: string | undefined, { run, interrupted }: ReadEvents): string {
  const same = until === undefined ? "" : ", and the same until";
  const again = `Call subscribe_record again with record_name, subscription_id and cursor: next_cursor${same}.`;
  const isTooFast = until === undefined && interrupted === undefined && isFast(run.samples);
  return isTooFast ? `${again} ${TOO_FAST}` : again;
}

const TOO_FAST =
  "It is too fast to be followed event by event: query_history with bucket_seconds has the min and max of every span in one answer.";

const MIN_FAST_EVENTS = 10;
const MAX_FAST_SPAN_MS = 5_000;

/** Many in little time filled the answer: following all of them takes a call every few moments. */
function isFast(samples: readonly TimedSample[]): boolean {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (first === undefined || last === undefined || samples.length < MIN_FAST_EVENTS) return false;
  return Date.parse(last.timestamp) - Date.parse(first.timestamp) < MAX_FAST_SPAN_MS;
}

const MAX_SHOWN_VALUE_BYTES = 500;

/** Whether the condition was met, by which event, and on how many it was and could not be checked. */
function toVerdict(until: string, run: EventRun): JsonObject {
  const { stoppedBy, checked, uncheckable, isInVain } = run;
  const condition = presentableText(until);
  const counts = { checked_events: checked.count };
  if (stoppedBy !== undefined) {
    const { sequence, timestamp } = stoppedBy;
    const value = presentable(stoppedBy.value);
    const isShort = byteLength(value) <= MAX_SHOWN_VALUE_BYTES;
    const event = { sequence, timestamp: presentableText(timestamp, 40) };
    return { condition, met: true, event: isShort ? { ...event, value } : event, ...counts };
  }
  const verdict = { condition, met: false, ...counts };
  if (uncheckable === 0) return verdict;
  const note =
    "These events have no such field, or none that can be compared that way: see query_schema.";
  const instead = isInVain ? shownFields(run.fieldsInstead) : {};
  return { ...verdict, not_checkable: uncheckable, note, ...instead };
}
