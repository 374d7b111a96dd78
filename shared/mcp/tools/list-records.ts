import * as z from "zod/mini";
import type { RecordPage } from "../../fleet/fleet.ts";
import { isJsonObject, type JsonObject } from "../../json/json.ts";
import { MAX_KEY_LENGTH } from "../../link/limits.ts";
import { ok } from "../../result.ts";
import { allows } from "../../access/scope.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import { presentableKey } from "../asking/record-name.ts";
import { byteLength, cursorInput, fittingItems, maxBytesInput } from "../answers/fit.ts";
import {
  conciseRecord,
  detailedRecord,
  MIN_CONCISE_BYTES,
  MIN_DETAILED_BYTES,
  UNTOLD_OF_RECORDS,
} from "../answers/record-shape.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";
import { whyNull } from "../answers/why-null.ts";

/** As many as the largest answer holds. */
const MAX_ROWS = 120;

export const listRecords = defineTool({
  name: "list_records",
  title: "List records",
  description:
    "Lists the records of an instance, or of all if none is named: key, type, buffer, producers and consumers (from the host's graph), how fresh each is (age_ms of the newest sample, mean_interval_ms, observed), signal_stats, whether it can be written and why not. null if the host does not report it (why_null). No values: use get_record, or snapshot for values and what looks wrong.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    instance: instanceInput,
    socket: socketInput,
    writable_only: z.optional(
      z.boolean().check(z.describe("Only records that can be written. Default false.")),
    ),
    name_filter: z.optional(
      z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(MAX_KEY_LENGTH),
          z.describe('A glob over keys ("sensor.*"), or a part of a key or type name.'),
        ),
    ),
    response_format: z.optional(
      z
        .enum(["concise", "detailed"])
        .check(z.describe("Default: detailed if it fits, else concise.")),
    ),
    cursor: cursorInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    records: z.optional(z.array(z.looseObject({ name: z.string(), writable: z.boolean() }))),
    total: z.optional(z.number()),
    next_cursor: z.nullish(z.string()),
  }),
  run: async ({ instance, socket, cursor, max_bytes, response_format, ...filter }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket });
    if (!selected.ok) return selected;
    const offset = Number(cursor ?? 0);
    const mayWrite = allows(fleet.scopes, "aimdb:write");
    const query = {
      offset,
      writableOnly: filter.writable_only ?? false,
      nameFilter: filter.name_filter,
    };
    const answer = await askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const limit = rowsFor(target);
        const page = await fleet.listRecords(target.instance, { ...query, limit });
        return page.ok
          ? ok(toList(page.value, { offset, response_format, target, mayWrite }))
          : page;
      },
    });
    return answer.ok ? ok({ output: withNeededNames(answer.value.output) }) : answer;
  },
});

function shownNearest(names: readonly string[] = []): JsonObject {
  return names.length > 0 ? { nearest: names.map(presentableKey) } : {};
}

function shownNeeds(records: RecordPage["records"], mayWrite: boolean): JsonObject {
  const isMissed = !mayWrite && records.some(({ writable }) => writable);
  return isMissed ? { writable_needs: WRITABLE_NEEDS } : {};
}

/** Where another instance has records of the name, those that don't are not misspelt. */
function withNeededNames({ results, ...rest }: JsonObject): JsonObject {
  if (!Array.isArray(results)) return rest;
  const rows = results.filter(isJsonObject);
  if (rows.every(({ total }) => total === 0)) return { results, ...rest };
  return { results: rows.map(({ nearest: _none, ...row }) => row), ...rest };
}

/** Two records of usual length. */
const MIN_SHARE_BYTES = 1_000;

/** `total`, `next_cursor`, `response_format` and `writable_needs`. */
const ABOUT_BYTES = 200;

/** What a row calls writable the device lets be written, not every caller. */
const WRITABLE_NEEDS = "The scope aimdb:write, which this token lacks.";

interface Shape {
  readonly offset: number;
  readonly response_format: "concise" | "detailed" | undefined;
  readonly target: Target;
  readonly mayWrite: boolean;
}

/** Answers with less room have no `why_null`. */
const MIN_EXPLAINED_BYTES = 2_500;
const REASONS_BYTES = byteLength({ why_null: UNTOLD_OF_RECORDS });

/** For rows. */
function roomIn({ maxBytes }: Target): number {
  return maxBytes - ABOUT_BYTES - (maxBytes >= MIN_EXPLAINED_BYTES ? REASONS_BYTES : 0);
}

/** As many as can fit, plus two: one is shown however long it is, one shows that not all fit. */
function rowsFor(target: Target): number {
  return Math.min(MAX_ROWS, Math.floor(roomIn(target) / MIN_CONCISE_BYTES) + 2);
}

/** For a single instance at least one row, so that paging moves on; for several it may be none. */
function toList(
  { records, total, nextOffset, nearest }: RecordPage,
  { offset, response_format, target, mayWrite }: Shape,
): JsonObject {
  const isExplained = target.maxBytes >= MIN_EXPLAINED_BYTES;
  const left = roomIn(target);
  const bounds = { maxBytes: left, atLeast: target.isOnly ? 1 : 0 };
  const isTooMuch = records.length * MIN_DETAILED_BYTES > left;
  const isConcise = response_format === "concise" || (response_format === undefined && isTooMuch);
  const detailed = isConcise ? [] : fittingItems(records, detailedRecord, bounds);
  const isWhole = !isConcise && detailed.length === records.length;
  const isDetailed = response_format === "detailed" || isWhole;
  const shown = isDetailed ? detailed : fittingItems(records, conciseRecord, bounds);
  const next = shown.length < records.length ? offset + shown.length : nextOffset;
  return {
    records: shown,
    total,
    ...shownNearest(nearest),
    next_cursor: next === null ? null : String(next),
    response_format: isDetailed ? "detailed" : "concise",
    ...shownNeeds(records, mayWrite),
    ...(isExplained ? whyNull(shown, UNTOLD_OF_RECORDS) : {}),
  };
}
