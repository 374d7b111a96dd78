import * as z from "zod/mini";
import type { InstanceRow } from "../../fleet.ts";
import type { JsonObject } from "../../json.ts";
import { ok } from "../../result.ts";
import { fittingPrefix, maxBytesInput, shareOf } from "../fit.ts";
import { presentable } from "../presentable.ts";
import { adviceForNone } from "../targets.ts";
import { defineTool } from "../tool.ts";

const row = z.object({
  instance: z.string(),
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
    const { instances, skipped, failed } = overview;
    const start = Number(cursor ?? 0);
    const rows = instances.slice(start).map(toRow);
    const shown = fittingPrefix(rows, shareOf(max_bytes, 1));
    const end = start + shown.length;
    return ok({
      output: {
        instances: shown,
        total: instances.length,
        next_cursor: end < instances.length ? String(end) : null,
        ...(instances.length === 0 ? { advice: adviceForNone(overview) } : {}),
        ...(skipped.length > 0 ? { skipped_sockets: skipped.length } : {}),
        ...(failed.length > 0
          ? { failed: failed.map(({ relay, failure }) => ({ relay, message: failure.message })) }
          : {}),
      },
    });
  },
});

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
    socket_path: presentable(socket_path),
    server_version: presentable(server_version ?? null),
    protocol_version: presentable(protocol_version ?? null),
    record_count,
    writable_records: writable_count,
    authenticated: authenticated ?? null,
    ...(reason === undefined ? {} : { reason: presentable(reason) }),
    ...(offlineSince === undefined ? {} : { offline_since: offlineSince }),
  };
}
