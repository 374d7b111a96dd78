/** An instance as a model sees it. */
import type { InstanceRow } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentableText } from "./presentable.ts";

export function shownInstance({
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
