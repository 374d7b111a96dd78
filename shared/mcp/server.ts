/** The MCP server, the same over every fleet. One per request: nothing of a caller outlives it. */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { failure } from "../failure.ts";
import type { Fleet } from "../fleet.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { progressOf } from "./progress.ts";
import { toErrorResult } from "./tool-result.ts";
import type { Tool } from "./tool.ts";
import { discoverInstances } from "./tools/discover-instances.ts";
import { drainRecord } from "./tools/drain-record.ts";
import { getDiagnostics } from "./tools/get-diagnostics.ts";
import { getGraph } from "./tools/get-graph.ts";
import { getInstanceInfo } from "./tools/get-instance-info.ts";
import { getRecord } from "./tools/get-record.ts";
import { listRecords } from "./tools/list-records.ts";
import { queryHistory } from "./tools/query-history.ts";
import { querySchema } from "./tools/query-schema.ts";
import { resetDiagnostics } from "./tools/reset-diagnostics.ts";
import { setRecord } from "./tools/set-record.ts";
import { snapshot } from "./tools/snapshot.ts";
import { subscribeRecord } from "./tools/subscribe-record.ts";
import { unsubscribeRecord } from "./tools/unsubscribe-record.ts";

/** In the order clients list them. */
const TOOLS: readonly Tool[] = [
  discoverInstances,
  getInstanceInfo,
  listRecords,
  snapshot,
  getRecord,
  querySchema,
  setRecord,
  subscribeRecord,
  unsubscribeRecord,
  drainRecord,
  queryHistory,
  getGraph,
  getDiagnostics,
  resetDiagnostics,
];
const DESCRIPTIONS = TOOLS.map(({ description }) => description);
const BY_NAME = new Map(TOOLS.map((tool) => [tool.description.name, tool]));

/** Tools change with a release only; a client may keep the list for as long as it likes to ask. */
const LIST_TTL_MS = 300_000;

export interface ServerContext {
  readonly fleet: Fleet;
  readonly version: string;
  /** Logs a failure that nobody foresaw, and says what the caller may know of it. */
  readonly explain: (error: unknown) => string;
}

export function createServer({ fleet, version, explain }: ServerContext): Server {
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
  server.setRequestHandler("tools/call", async ({ params }, { mcpReq }) => {
    const tool = BY_NAME.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool. The tools are: ${[...BY_NAME.keys()].join(", ")}.`,
      );
    }
    try {
      const progress = progressOf(mcpReq, () => fleet.nowMs());
      return await tool.call(params.arguments, { fleet, progress });
    } catch (error) {
      return toErrorResult(failure("internal", explain(error)));
    }
  });
  return server;
}
