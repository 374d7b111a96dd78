import * as z from "zod/mini";
import type { DrainBatch } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { ok } from "../../result.ts";
import { MAX_POSITION_LENGTH } from "../../desk/reading-position.ts";
import {
  byteLength,
  fittingText,
  maxBytesInput,
  positionInput,
  sizeLimit,
} from "../answers/fit.ts";
import { presentable, presentableText } from "../answers/presentable.ts";
import { presentableKey, recordNameInput } from "../asking/record-name.ts";
import { shownLoss } from "../answers/shown-loss.ts";
import { shownSamples } from "../answers/shown-samples.ts";
import { instanceInput, selectOneInstance, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

const DEFAULT_SAMPLES = 100;

export const drainRecord = defineTool({
  name: "drain_record",
  title: "Fetch what is new",
  description:
    "Returns the samples of one record that are new since your own last drain of it (on the first drain: all that are kept), oldest first; dropped_events and gaps say what is missing. more true: call again. If an answer did not arrive, cursor (next_cursor of your previous drain, or \"oldest\" for all that are kept) returns what came after it again. Other callers' drains take nothing from yours unless shared is true: then the host's only cursor was used, since the record is not watched. To wait for samples use subscribe_record. Not for mailboxes.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    record_name: recordNameInput,
    instance: instanceInput,
    socket: socketInput,
    limit: z.optional(
      z
        .number()
        .check(
          z.int(),
          z.minimum(1),
          z.maximum(1_000),
          z.describe("Samples at most, 1 to 1000. Default 100."),
        ),
    ),
    cursor: positionInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    instance: z.string(),
    record_name: z.string(),
    samples: z.array(z.looseObject({})),
    count: z.number(),
    dropped_events: z.nullable(z.number()),
    more: z.boolean(),
    next_cursor: z.nullable(z.string()),
    shared: z.boolean(),
  }),
  run: async ({ record_name, instance, socket, limit, cursor, max_bytes }, { fleet }) => {
    const selected = await selectOneInstance(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    const bytes = sizeLimit(max_bytes);
    const drained = await fleet.drain(selected.value, {
      record: record_name,
      after: cursor,
      maxSamples: limit ?? DEFAULT_SAMPLES,
      maxBytes: bytes - aboutBytes(bytes),
    });
    return drained.ok ? ok({ output: toOutput(selected.value, drained.value, bytes) }) : drained;
  },
});

/** What is beside the samples, with names of usual length. */
const ABOUT_BYTES = 700;

function aboutBytes(limit: number): number {
  return Math.min(ABOUT_BYTES, limit / 2);
}

function toOutput(instance: string, batch: DrainBatch, limit: number): JsonObject {
  const head = { instance, record_name: presentableKey(batch.recordKey) };
  if (batch.from === "host") return { ...head, ...fromHost(batch, limit - byteLength(head)) };
  const { samples, more, next, isFirst } = batch;
  const rest = {
    count: samples.length,
    ...shownLoss(batch),
    more,
    next_cursor: presentableText(next, MAX_POSITION_LENGTH),
    shared: false,
    ...(isFirst ? { first: true, note: FIRST } : {}),
  };
  const maxBytes = limit - byteLength({ ...head, samples: [], ...rest });
  const shown = { maxBytes, besideBytes: ABOUT_BYTES, how: "Drain" };
  return { ...head, samples: shownSamples(samples, shown), ...rest };
}

const FIRST = "Your first drain of this record: it begins with the oldest sample that is kept.";
const SHARED =
  "This record is not watched, so the host's own drain answered: its cursor is shared by all callers, and it gives no times. Query this record more often and it will be watched.";
const SHARED_FIRST =
  "The host's cursor begins with this drain: what was produced before is not in it.";

type HostDrain = Extract<DrainBatch, { from: "host" }>;

/** The least that a value may take, so that the start of a long one says something. */
const MIN_VALUE_BYTES = 120;

/** `{"value":null,"start_of_json":""},` */
const CUT_BYTES = 36;

/** The values are already taken: those that can't be shown are the oldest, and are counted. */
function fromHost(batch: HostDrain, maxBytes: number): JsonObject {
  const { values, more, isFirst } = batch;
  const note = isFirst ? `${SHARED} ${SHARED_FIRST}` : SHARED;
  const rest = {
    dropped_events: null,
    loss: "not_visible",
    more,
    next_cursor: null,
    shared: true,
    note,
  };
  const left = maxBytes - byteLength(rest) - ABOUT_BYTES / 7;
  const whole = values.map((value): JsonObject => ({ value: presentable(value) }));
  if (byteLength(whole) <= left) return { samples: whole, count: whole.length, ...rest };
  const count = Math.min(whole.length, Math.max(1, Math.floor(left / MIN_VALUE_BYTES)));
  const share = Math.floor(left / count) - 1;
  const samples = whole.slice(-count).map((sample) => cutSample(sample, share));
  return { samples, count, not_shown: whole.length - count, ...rest };
}

function cutSample(sample: JsonObject, maxBytes: number): JsonObject {
  if (byteLength(sample) <= maxBytes) return sample;
  const start_of_json = fittingText(JSON.stringify(sample["value"]), maxBytes - CUT_BYTES);
  return { value: null, start_of_json };
}
