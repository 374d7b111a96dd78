import * as z from "zod/mini";
import type { ListedRecord, RecordPage } from "../../fleet.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import { MAX_TYPE_NAME_LENGTH } from "../../link/limits.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../across.ts";
import { byteLength, fittingPrefix, maxBytesInput } from "../fit.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentable, presentableText } from "../presentable.ts";
import { presentableKey } from "../record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../targets.ts";
import { defineTool } from "../tool.ts";

/** More rows than fit into the largest answer are not fetched. */
const PAGE_ROWS = 120;

const row = z.looseObject({
  name: z.string(),
  record_key: z.string(),
  type_name: z.string(),
  type_id: z.string(),
  buffer_type: z.string(),
  writable: z.boolean(),
});

const list = {
  records: z.optional(z.array(row)),
  total: z.optional(z.number()),
  next_cursor: z.nullish(z.string()),
};

export const listRecords = defineTool({
  name: "list_records",
  title: "List records",
  description:
    "Lists the records of an instance, or of all if none is named: key, type, buffer, where its values come from (origin, producer_count, consumer_count: null if the host can't tell), whether it can be written (writable, writable_reason) and whether samples are observed. No values: use get_record. null dates mean the host sends none.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.object({
    instance: instanceInput,
    socket: socketInput,
    writable_only: z.optional(
      z.boolean().check(z.describe("Only records that can be written. Default false.")),
    ),
    cursor: z.optional(
      z
        .string()
        .check(
          z.regex(/^\d{1,6}$/),
          z.describe("next_cursor of the answer before; name the instance too."),
        ),
    ),
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    ...list,
    results: z.optional(z.array(z.looseObject({ instance: z.string(), ...list }))),
  }),
  run: async ({ instance, socket, writable_only = false, cursor, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket });
    if (!selected.ok) return selected;
    const offset = Number(cursor ?? 0);
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const query = { offset, limit: PAGE_ROWS, writableOnly: writable_only };
        const page = await fleet.listRecords(target.instance, query);
        return page.ok ? ok(toList(page.value, offset, target)) : page;
      },
    });
  },
});

/** Two records of usual length. */
const MIN_SHARE_BYTES = 1_000;

/** `total` and `next_cursor`. */
const ABOUT_BYTES = 80;

/** Of an only instance at least one row, so that paging moves on; of several it may be none. */
function toList(
  { records, total, nextOffset }: RecordPage,
  offset: number,
  { maxBytes, isOnly }: Target,
): JsonObject {
  const rows = records.map(toRow);
  const shown = fittingPrefix(rows, maxBytes - ABOUT_BYTES, isOnly ? 1 : 0);
  const next = shown.length < rows.length ? offset + shown.length : nextOffset;
  return { records: shown, total, next_cursor: next === null ? null : String(next) };
}

/** `name` is what tools take as record_name. */
function toRow(record: ListedRecord): JsonObject {
  const { record_key, type_name, type_id, origin, writable_reason } = record;
  const { created_at, last_update, latest, ...same } = record;
  const name = presentableKey(record_key);
  return {
    name,
    ...same,
    record_key: name,
    type_name: presentableText(type_name, MAX_TYPE_NAME_LENGTH),
    type_id: presentableText(type_id, MAX_REASON_LENGTH),
    origin: presentableOrigin(origin),
    writable_reason: presentableText(writable_reason, MAX_REASON_LENGTH),
    created_at: presentableTime(created_at),
    last_update: presentableTime(last_update),
    latest: latest === null ? null : { ...latest },
  };
}

const MAX_ORIGIN_BYTES = 1_000;

function presentableOrigin(origin: JsonValue): JsonValue {
  const shown = presentable(origin);
  return byteLength(shown) <= MAX_ORIGIN_BYTES ? shown : "(too long to show)";
}

const MAX_TIME_LENGTH = 40;

function presentableTime(time: string | null): string | null {
  return time === null ? null : presentableText(time, MAX_TIME_LENGTH);
}
