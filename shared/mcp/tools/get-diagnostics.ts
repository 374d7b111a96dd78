import * as z from "zod/mini";
import type { JsonObject } from "../../json/json.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import { findBottleneck } from "../findings/bottleneck.ts";
import {
  shownAbilities,
  shownDiagnostics,
  type Diagnostics,
} from "../answers/diagnostics-shape.ts";
import { byteLength, cursorInput, fittingItems, maxBytesInput } from "../answers/fit.ts";
import { recordName } from "../asking/record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

/** More rows than the largest answer holds are not fetched. */
const PAGE_ROWS = 200;

export const getDiagnostics = defineTool({
  name: "get_diagnostics",
  title: "Get buffer metrics and stage times",
  description:
    "Returns each record's buffer counters (produced, consumed, dropped; of queues occupancy: what the slowest reader has not read) and stage times (source, tap, transform), the bottleneck, and the relay's own load. null if the host was not built with them (has_metrics, has_profiling): how_to_enable says how. Times in nanoseconds since start or reset_diagnostics.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    instance: instanceInput,
    socket: socketInput,
    record_name: z.optional(recordName.check(z.describe("Record key: only this one."))),
    cursor: cursorInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    has_metrics: z.optional(z.boolean()),
    has_profiling: z.optional(z.boolean()),
    records: z.optional(z.array(z.looseObject({}))),
    bottleneck: z.nullish(z.looseObject({})),
    next_cursor: z.nullish(z.string()),
  }),
  run: async ({ instance, socket, record_name, cursor, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    const offset = Number(cursor ?? 0);
    const query = { offset, limit: PAGE_ROWS, ...(record_name && { record: record_name }) };
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const answer = await fleet.diagnostics(target.instance, query);
        return answer.ok ? ok(toPage(answer.value, offset, target)) : answer;
      },
    });
  },
});

const MIN_SHARE_BYTES = 1_500;

/** `total` and `next_cursor`. */
const ABOUT_BYTES = 80;

function toPage(diagnostics: Diagnostics, offset: number, target: Target): JsonObject {
  const { records, total, next_offset, relay } = diagnostics;
  const about = {
    ...shownAbilities(diagnostics),
    bottleneck: findBottleneck(records) ?? null,
    ...(records.length < total
      ? { bottleneck_among: `${records.length} of ${total} records` }
      : {}),
    relay: { ...relay },
  };
  const left = target.maxBytes - byteLength(about) - ABOUT_BYTES;
  const bounds = { maxBytes: left, atLeast: target.isOnly ? 1 : 0 };
  const shown = fittingItems(records, shownDiagnostics, bounds);
  const next = shown.length < records.length ? offset + shown.length : next_offset;
  return { ...about, records: shown, total, next_cursor: next === null ? null : String(next) };
}
