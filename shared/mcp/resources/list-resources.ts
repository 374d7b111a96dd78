/** The resources that are there now: the instances, and for each its records and its metrics. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type ListResourcesResult,
  type Resource,
} from "@modelcontextprotocol/server";
import type { Fleet, InstanceRow } from "../../fleet/fleet.ts";
import { formatResourceUri, INSTANCES_URI, type InstanceRef } from "./resource-uri.ts";

/** How an instance is named in an address; see `resource-uri.ts`. */
export type UriForm = InstanceRef["by"];

/** Three or so kilobytes a page. */
const PAGE_INSTANCES = 20;

const INSTANCES: Resource = {
  uri: INSTANCES_URI,
  name: "instances",
  title: "AimDB instances",
  description: "Every instance this connector reaches, with its state.",
  mimeType: "application/json",
};

export async function listResources(
  fleet: Fleet,
  form: UriForm,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const start = parseCursor(cursor);
  const { instances } = await fleet.instances({});
  const page = instances
    .slice(start, start + PAGE_INSTANCES)
    .flatMap((row) => ofInstance(row, form));
  const end = start + PAGE_INSTANCES;
  return {
    resources: start === 0 ? [INSTANCES, ...page] : page,
    ...(end < instances.length ? { nextCursor: String(end) } : {}),
  };
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor);
  throw new ProtocolError(ProtocolErrorCode.InvalidParams, "That cursor is not one of this list.");
}

function ofInstance(row: InstanceRow, form: UriForm): Resource[] {
  const of: InstanceRef =
    form === "instance"
      ? { by: "instance", instance: row.instance }
      : { by: "socket", socket: row.socket_path };
  return [
    {
      uri: formatResourceUri({ kind: "records", of }),
      name: `${row.instance} records`,
      title: `Records of ${row.instance}`,
      mimeType: "application/json",
    },
    {
      uri: formatResourceUri({ kind: "metrics", of }),
      name: `${row.instance} metrics`,
      title: `Metrics of ${row.instance}`,
      mimeType: "application/json",
    },
  ];
}
