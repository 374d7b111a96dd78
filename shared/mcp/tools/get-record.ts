import * as z from "zod/mini";
import type { Failure } from "../../failure.ts";
import type { Fleet, RecordEntry } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { MAX_RECORDS_PER_GET } from "../../link/methods/record-get.ts";
import { ok, type Result } from "../../result.ts";
import { acrossOutput, askAcross, type Across, type Target } from "../asking/across.ts";
import { byteLength, fittingPrefix, maxBytesInput } from "../answers/fit.ts";
import { MAX_RESULT_BYTES, MAX_TARGETS } from "../limits.ts";
import { shownReading } from "../answers/reading-shape.ts";
import { presentableKey, recordName } from "../asking/record-name.ts";
import { withRecovery } from "../answers/recovery.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { presentableFailure } from "../answers/tool-result.ts";
import { defineTool } from "../tool.ts";

export const getRecord = defineTool({
  name: "get_record",
  title: "Get a record's current value",
  description:
    "Reads the current value of a record, or of several, with timestamp (ISO-8601), age_ms and sequence. timestamp_source: host, observed, or first_seen (the age is a lower bound). stale true: the device has been offline since offline_since and this is its last known value. Without instance, every instance that has it answers. sequence is null if arrivals can't be counted, as for mailboxes. For changes use subscribe_record or query_history.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    record_name: z
      .union([
        recordName,
        z.array(recordName).check(z.minLength(1), z.maxLength(MAX_RECORDS_PER_GET)),
      ])
      .check(
        z.describe(
          'Record key, e.g. "sensor.temp", a type name only one record has, or a list of 1 to 50.',
        ),
      ),
    instance: instanceInput,
    socket: socketInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    record_name: z.optional(z.string()),
    value: z.optional(z.unknown()),
    timestamp: z.optional(z.string()),
    sequence: z.nullish(z.number()),
    records: z.optional(z.array(z.looseObject({}))),
  }),
  run: async ({ record_name, instance, socket, max_bytes }, { fleet }) => {
    const record = typeof record_name === "string" ? record_name : undefined;
    const selected = await selectInstances(fleet, {
      instance,
      socket,
      record,
      willGet: record !== undefined,
    });
    if (!selected.ok) return selected;
    const ask =
      typeof record_name === "string"
        ? (target: Target) => readOne(fleet, record_name, target)
        : await readSeveral(fleet, [...new Set(record_name)], selected.value);
    return askAcross(selected.value, { maxBytes: max_bytes, minShareBytes: MIN_SHARE_BYTES, ask });
  },
});

/** A reading of a few fields. */
const MIN_SHARE_BYTES = 600;

async function readOne(
  fleet: Fleet,
  record: string,
  target: Target,
): Promise<Result<JsonObject, Failure>> {
  const answer = await fleet.getRecord(target.instance, record);
  if (!answer.ok) return answer;
  const adviceFor = (bytes: number) => adviceAbout(target, bytes);
  return ok(shownReading(answer.value, { maxBytes: target.maxBytes, adviceFor }));
}

type Read = Result<readonly RecordEntry[], Failure>;

/** All are asked before one is shown: that an instance lacks a record which another has is no failure. */
async function readSeveral(
  fleet: Fleet,
  records: readonly string[],
  instances: readonly string[],
): Promise<Across["ask"]> {
  const asked = instances.slice(0, MAX_TARGETS);
  const reads = new Map(
    await Promise.all(
      asked.map(async (one): Promise<[string, Read]> => [
        one,
        await fleet.getRecords(one, records),
      ]),
    ),
  );
  const entries = [...reads.values()].flatMap((read) => (read.ok ? read.value : []));
  const known = new Set(entries.filter((entry) => !isUnknown(entry)).map(({ record }) => record));
  return async (target) => shownSeveral(reads.get(target.instance) ?? ok([]), known, target);
}

/** Each has its own outcome. An instance that has none of them has failed. */
function shownSeveral(
  read: Read,
  known: ReadonlySet<string>,
  target: Target,
): Result<JsonObject, Failure> {
  if (!read.ok) return read;
  const [first] = read.value;
  const isForeign = read.value.every(isUnknown);
  if (!target.isOnly && isForeign && first?.reading.ok === false) return first.reading;
  const own = read.value.filter((entry) => !isUnknown(entry) || !known.has(entry.record));
  return ok(toEntries(own, target));
}

function isUnknown({ reading }: RecordEntry): boolean {
  return !reading.ok && reading.error.code === "unknown_record";
}

/** `records`, `complete` and what was left out. */
const FRAME_BYTES = 150;

function toEntries(entries: readonly RecordEntry[], target: Target): JsonObject {
  const maxBytes = target.maxBytes - FRAME_BYTES;
  const share = Math.max(MIN_SHARE_BYTES, Math.floor(maxBytes / entries.length));
  const shaped = (valueBytes: number) => entries.map((entry) => toEntry(entry, valueBytes, target));
  const whole = shaped(maxBytes);
  const rows = byteLength(whole) <= maxBytes ? whole : shaped(share);
  const shown = fittingPrefix(rows, maxBytes, 0);
  const leftOut = rows.length - shown.length;
  const isWhole = leftOut === 0 && !shown.some((row) => "value_truncated" in row);
  const isComplete = isWhole && entries.every(({ reading }) => reading.ok);
  const next = "Ask for the others in another call, or with a larger max_bytes.";
  return {
    records: shown,
    complete: isComplete,
    ...(leftOut > 0 ? { left_out: leftOut, next } : {}),
  };
}

function toEntry({ record, reading }: RecordEntry, maxBytes: number, target: Target): JsonObject {
  if (!reading.ok) {
    const error = presentableFailure(withRecovery(reading.error));
    return { record_name: presentableKey(record), error };
  }
  const adviceFor = (bytes: number) => adviceAbout({ ...target, isOnly: false }, bytes, record);
  return shownReading(reading.value, { maxBytes, adviceFor });
}

/** The age of the next reading may have more digits. */
const SPARE_BYTES = 20;

function adviceAbout({ instance, isOnly }: Target, bytes: number, record?: string): string {
  const needed = byteLength({ instance }) + bytes + SPARE_BYTES;
  if (needed > MAX_RESULT_BYTES) return "It is longer than any answer may be.";
  if (record !== undefined) return `Ask for this record alone with max_bytes ${needed}.`;
  return `${isOnly ? "Ask again" : "Ask this instance alone"} with max_bytes ${needed}.`;
}
