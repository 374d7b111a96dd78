import * as z from "zod/mini";
import type { InstanceRow } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross } from "../asking/across.ts";
import { maxBytesInput } from "../answers/fit.ts";
import { shownInstance } from "../answers/instance-shape.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "../answers/presentable.ts";
import { instanceInput, selectKnown, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";
import { whyNull } from "../answers/why-null.ts";

export const getInstanceInfo = defineTool({
  name: "get_instance_info",
  title: "Get instance details",
  description:
    "Returns what is known about one instance (or each that matches): status and since when, protocol, inferred release range, what it permits, its cap on subscriptions, capabilities, relay version and clock offset. The device is not queried. For its records use list_records.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({ instance: instanceInput, socket: socketInput, max_bytes: maxBytesInput }),
  output: z.looseObject({
    ...acrossOutput,
    relay: z.optional(z.string()),
    status: z.optional(z.enum(["up", "down", "offline"])),
    max_subscriptions: z.nullish(z.number()),
  }),
  run: async ({ instance, socket, max_bytes }, { fleet }) => {
    const rows = await selectKnown(fleet, { instance, socket });
    if (!rows.ok) return rows;
    const [first, ...rest] = rows.value;
    const found = new Map(rows.value.map((row) => [row.instance, row]));
    return askAcross([first.instance, ...rest.map((row) => row.instance)], {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => ok(toInfo(found.get(target.instance) ?? first)),
    });
  },
});

const MIN_SHARE_BYTES = 800;

const UNTOLD: Readonly<Record<string, string>> = {
  server_version: "It was never reached, so it has not said.",
  protocol_version: "It was never reached, so it has not said.",
  authenticated: "It was never reached, so it has not said.",
  permissions: "It was never reached, so it has not said.",
  max_subscriptions: "The host's greeting does not state its cap.",
  capabilities: "Not known for this relay version.",
  release_range: "AimX sends no release, and this host's answers do not show one.",
  relay_version: "The relay has no link.",
  clock_offset_ms: "The relay has no link, or did not report its clock.",
};

function toInfo(row: InstanceRow): JsonObject {
  const { instance: _id, ...shown } = shownInstance(row);
  const info = {
    ...shown,
    permissions: row.permissions?.map(shortText) ?? null,
    max_subscriptions: row.max_subscriptions ?? null,
    capabilities: row.capabilities ?? null,
    release_range: row.release_range === undefined ? null : shortText(row.release_range),
    relay_version: row.relayVersion === undefined ? null : shortText(row.relayVersion),
    clock_offset_ms: row.clockOffsetMs === undefined ? null : Math.round(row.clockOffsetMs),
  };
  return { ...info, ...whyNull([info], UNTOLD) };
}

function shortText(text: string): string {
  return presentableText(text, MAX_REASON_LENGTH);
}
