import * as z from "zod/mini";
import type { RecordPage } from "../../fleet.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { LinkRecordRow } from "../../link/method.ts";
import { ok } from "../../result.ts";
import { askAcross, failedSchema } from "../across.ts";
import { fittingPrefix, maxBytesInput, shareOf } from "../fit.ts";
import { presentable } from "../presentable.ts";
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
    instance: z.optional(z.string()),
    ...list,
    results: z.optional(z.array(z.looseObject({ instance: z.string(), ...list }))),
    failed: z.optional(failedSchema),
    complete: z.optional(z.boolean()),
  }),
  run: async ({ instance, socket, writable_only = false, cursor, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket });
    if (!selected.ok) return selected;
    const offset = Number(cursor ?? 0);
    const maxBytes = shareOf(max_bytes, selected.value.length);
    return askAcross(selected.value, async (target) => {
      const query = { offset, limit: PAGE_ROWS, writableOnly: writable_only };
      const page = await fleet.listRecords(target, query);
      return page.ok ? ok(toList(page.value, offset, maxBytes)) : page;
    });
  },
});

function toList(
  { records, total, nextOffset }: RecordPage,
  offset: number,
  maxBytes: number,
): JsonObject {
  const rows = records.map(toRow).filter(isJsonObject);
  const shown = fittingPrefix(rows, maxBytes);
  const next = shown.length < rows.length ? offset + shown.length : nextOffset;
  return { records: shown, total, next_cursor: next === null ? null : String(next) };
}

/** `name` is what tools take as record_name. */
function toRow({ record_key, ...row }: LinkRecordRow): unknown {
  return presentable({ name: record_key, record_key, ...row });
}
