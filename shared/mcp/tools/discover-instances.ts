import * as z from "zod/mini";
import type { InstanceOverview } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { ok } from "../../result.ts";
import {
  byteLength,
  cursorInput,
  fittingPrefix,
  maxBytesInput,
  sizeLimit,
} from "../answers/fit.ts";
import { shownInstance } from "../answers/instance-shape.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "../answers/presentable.ts";
import { adviceForNone } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

export const discoverInstances = defineTool({
  name: "discover_instances",
  title: "Discover AimDB instances",
  description:
    "Lists every AimDB instance this connector reaches: id, socket, protocol, record counts, and whether it is up, down (its relay can't reach the process) or offline (its relay has no link). Start here; other tools take the id as instance. If there are none it gives advice. No values: use list_records, get_record or snapshot.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    cursor: cursorInput,
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    instances: z.array(z.looseObject({ instance: z.string(), status: z.string() })),
    total: z.number(),
    next_cursor: z.nullable(z.string()),
    advice: z.optional(z.string()),
  }),
  run: async ({ cursor, max_bytes }, { fleet }) => {
    const overview = await fleet.instances({});
    const { instances } = overview;
    const start = Number(cursor ?? 0);
    const about = aboutOf(overview);
    const limit = sizeLimit(max_bytes) - byteLength(about) - FRAME_BYTES;
    const shown = fittingPrefix(instances.slice(start).map(shownInstance), limit, 1);
    const end = start + shown.length;
    const next_cursor = end < instances.length ? String(end) : null;
    return ok({ output: { instances: shown, total: instances.length, next_cursor, ...about } });
  },
});

/** `instances`, `total` and `next_cursor`. */
const FRAME_BYTES = 100;

/** The first ones: a gateway's /tmp may have many sockets. */
const MAX_SKIPPED = 5;

/** The first ones: a team may have a thousand relays. */
const MAX_FAILED = 10;

function aboutOf(overview: InstanceOverview): JsonObject {
  const { instances, skipped, failed } = overview;
  return {
    ...(instances.length === 0 ? { advice: adviceForNone(overview) } : {}),
    ...(skipped.length > 0
      ? {
          skipped_sockets: skipped.length,
          skipped: skipped
            .slice(0, MAX_SKIPPED)
            .map(({ relay, reason }) => ({ relay, reason: shorten(reason) })),
        }
      : {}),
    ...(failed.length > 0
      ? {
          failed_relays: failed.length,
          failed: failed
            .slice(0, MAX_FAILED)
            .map(({ relay, failure }) => ({ relay, message: shorten(failure.message) })),
        }
      : {}),
  };
}

function shorten(text: string): string {
  return presentableText(text, MAX_REASON_LENGTH);
}
