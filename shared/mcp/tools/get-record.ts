import * as z from "zod/mini";
import type { RecordReading } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../across.ts";
import { byteLength, fittingValue, maxBytesInput } from "../fit.ts";
import { MAX_RESULT_BYTES } from "../limits.ts";
import { presentable, presentableText } from "../presentable.ts";
import { presentableKey, recordNameInput } from "../record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../targets.ts";
import { defineTool } from "../tool.ts";

const reading = {
  record_name: z.optional(z.string()),
  value: z.optional(z.unknown()),
  timestamp: z.optional(z.string()),
  sequence: z.nullish(z.number()),
};

export const getRecord = defineTool({
  name: "get_record",
  title: "Get a record's current value",
  description:
    "Reads a record's current value with its timestamp (ISO-8601), age_ms and sequence. timestamp_source says how the time is known: host, observed, or first_seen (then the age is a lower bound). Without instance, every instance that has the record answers. sequence is null where arrivals can't be counted, as for mailboxes.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.object({
    record_name: recordNameInput,
    instance: instanceInput,
    socket: socketInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    ...reading,
    results: z.optional(z.array(z.looseObject({ instance: z.string(), ...reading }))),
  }),
  run: async ({ record_name, instance, socket, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const answer = await fleet.getRecord(target.instance, record_name);
        return answer.ok ? ok(toReading(answer.value, target)) : answer;
      },
    });
  },
});

/** A reading of a few fields. */
const MIN_SHARE_BYTES = 600;

function toReading({ recordKey, sample, staleSince }: RecordReading, target: Target): JsonObject {
  const about = {
    timestamp: presentableText(sample.timestamp),
    timestamp_source: sample.timeSource,
    age_ms: Math.round(sample.ageMs),
    stale: staleSince !== undefined,
    ...(staleSince === undefined ? {} : { offline_since: staleSince }),
    sequence: sample.sequence,
    epoch: presentableText(sample.epoch),
  };
  const record_name = presentableKey(recordKey);
  const besideBytes = byteLength({ record_name, value: 0, ...about });
  const value = fittingValue(presentable(sample.value), target.maxBytes - besideBytes, (bytes) =>
    adviceFor(target, bytes + besideBytes),
  );
  return { record_name, ...value, ...about };
}

/** The age of the next reading may have more digits. */
const SPARE_BYTES = 20;

function adviceFor({ instance, isOnly }: Target, readingBytes: number): string {
  const bytes = byteLength({ instance }) + readingBytes + SPARE_BYTES;
  if (bytes > MAX_RESULT_BYTES) return "It is longer than any answer may be.";
  return `${isOnly ? "Ask again" : "Ask this instance alone"} with max_bytes ${bytes}.`;
}
