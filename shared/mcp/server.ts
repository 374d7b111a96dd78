/** The MCP server, the same over every fleet. One per request: nothing of a caller outlives it. */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import type { Fleet } from "../fleet.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import type { Tool } from "./tool.ts";
import { discoverInstances } from "./tools/discover-instances.ts";
import { getRecord } from "./tools/get-record.ts";
import { listRecords } from "./tools/list-records.ts";
import { setRecord } from "./tools/set-record.ts";
import { subscribeRecord } from "./tools/subscribe-record.ts";
import { unsubscribeRecord } from "./tools/unsubscribe-record.ts";

/** In the order clients list them. */
const TOOLS: readonly Tool[] = [
  discoverInstances,
  listRecords,
  getRecord,
  setRecord,
  subscribeRecord,
  unsubscribeRecord,
];
const DESCRIPTIONS = TOOLS.map(({ description }) => description);
const BY_NAME = new Map(TOOLS.map((tool) => [tool.description.name, tool]));

/** Tools change with a release only; a client may keep the list for as long as it likes to ask. */
const LIST_TTL_MS = 300_000;

export function createServer(fleet: Fleet, version: string): Server {
  const server = new Server(
    { name: "aimdb-remote", title: "AimDB", version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      cacheHints: {
        "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
        "server/discover": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      },
    },
  );
  server.setRequestHandler("tools/list", () => ({ tools: DESCRIPTIONS }));
  server.setRequestHandler("tools/call", ({ params }) => {
    const tool = BY_NAME.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool. The tools are: ${[...BY_NAME.keys()].join(", ")}.`,
      );
    }
    return tool.call(params.arguments, { fleet });
  });
  return server;
}
