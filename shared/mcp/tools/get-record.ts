import * as z from "zod/mini";
import type { RecordReading } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import { ok } from "../../result.ts";
import { askAcross, failedSchema } from "../across.ts";
import { fittingValue, maxBytesInput, shareOf } from "../fit.ts";
import { presentable, presentableText } from "../presentable.ts";
import { recordNameInput } from "../record-name.ts";
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
    instance: z.optional(z.string()),
    ...reading,
    results: z.optional(z.array(z.looseObject({ instance: z.string(), ...reading }))),
    failed: z.optional(failedSchema),
    complete: z.optional(z.boolean()),
  }),
  run: async ({ record_name, instance, socket, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    const maxBytes = shareOf(max_bytes, selected.value.length);
    return askAcross(selected.value, async (target) => {
      const answer = await fleet.getRecord(target, record_name);
      return answer.ok ? ok(toReading(answer.value, maxBytes)) : answer;
    });
  },
});

function toReading({ recordKey, sample }: RecordReading, maxBytes: number): JsonObject {
  return {
    record_name: presentableText(recordKey),
    ...fittingValue(presentable(sample.value), maxBytes),
    timestamp: sample.timestamp,
    timestamp_source: sample.timeSource,
    age_ms: Math.round(sample.ageMs),
    stale: false,
    sequence: sample.sequence,
    epoch: sample.epoch,
  };
}
