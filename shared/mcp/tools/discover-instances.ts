import * as z from "zod/mini";
import type { InstanceOverview, InstanceRow } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import { ok } from "../../result.ts";
import { byteLength, fittingPrefix, maxBytesInput, sizeLimit } from "../fit.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "../presentable.ts";
import { adviceForNone } from "../targets.ts";
import { defineTool } from "../tool.ts";

const row = z.looseObject({
  instance: z.string(),
  relay: z.string(),
  socket_path: z.string(),
  server_version: z.nullable(z.string()),
  protocol_version: z.nullable(z.string()),
  record_count: z.number(),
  writable_records: z.number(),
  authenticated: z.nullable(z.boolean()),
  status: z.enum(["up", "down", "offline"]),
});

export const discoverInstances = defineTool({
  name: "discover_instances",
  title: "Discover AimDB instances",
  description:
    "Lists every AimDB instance this connector reaches: id, protocol, record counts, and whether it is up, down (its relay can't reach the process) or offline (its relay has no link, since offline_since). Start here; other tools take the id as instance. Values are not included: use list_records and get_record.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.object({
    cursor: z.optional(
      z.string().check(z.regex(/^\d{1,6}$/), z.describe("next_cursor of the answer before.")),
    ),
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    instances: z.array(row),
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
    const shown = fittingPrefix(instances.slice(start).map(toRow), limit, 1);
    const end = start + shown.length;
    const next_cursor = end < instances.length ? String(end) : null;
    return ok({ output: { instances: shown, total: instances.length, next_cursor, ...about } });
  },
});

/** `instances`, `total` and `next_cursor`. */
const FRAME_BYTES = 100;

/** The first ones: a team may have a thousand relays. */
const MAX_FAILED = 10;

function aboutOf(overview: InstanceOverview): JsonObject {
  const { instances, skipped, failed } = overview;
  return {
    ...(instances.length === 0 ? { advice: adviceForNone(overview) } : {}),
    ...(skipped.length > 0 ? { skipped_sockets: skipped.length } : {}),
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

function toRow({
  instance,
  relay,
  socket_path,
  server_version,
  protocol_version,
  record_count,
  writable_count,
  authenticated,
  status,
  reason,
  offlineSince,
}: InstanceRow): JsonObject {
  return {
    instance,
    relay,
    status,
    socket_path: shorten(socket_path),
    server_version: shorten(server_version),
    protocol_version: shorten(protocol_version),
    record_count,
    writable_records: writable_count,
    authenticated: authenticated ?? null,
    ...(reason === undefined ? {} : { reason: shorten(reason) }),
    ...(offlineSince === undefined ? {} : { offline_since: offlineSince }),
  };
}

function shorten(text: string | undefined): string | null {
  return text === undefined ? null : presentableText(text, MAX_REASON_LENGTH);
}
