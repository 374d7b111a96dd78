/** The MCP server, the same over every fleet. One per request: nothing of a caller outlives it. */
import { ProtocolError, ProtocolErrorCode, Server } from "@modelcontextprotocol/server";
import { failure } from "../failure.ts";
import type { Fleet } from "../fleet.ts";
import { jsonValueSchema } from "../json.ts";
import { clientSideOf, type RequestState } from "./client-side.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { toErrorResult } from "./tool-result.ts";
import type { Tool } from "./tool.ts";
import { discoverInstances } from "./tools/discover-instances.ts";
import { getRecord } from "./tools/get-record.ts";
import { getWriteOutcome } from "./tools/get-write-outcome.ts";
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
  getWriteOutcome,
  subscribeRecord,
  unsubscribeRecord,
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
  /** Signs what travels through a client between a question and its answer. */
  readonly requestState?: RequestState | undefined;
}

export function createServer({ fleet, version, explain, requestState }: ServerContext): Server {
  const server = new Server(
    { name: "aimdb-remote", title: "AimDB", version },
    {
      capabilities: { tools: {} },
      instructions: INSTRUCTIONS,
      // A client of 2025 could not be told of the question over HTTP; over stdio it is asked directly.
      inputRequired: { legacyShim: false },
      ...(requestState === undefined ? {} : { requestState: { verify: requestState.verify } }),
      cacheHints: {
        "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
        "server/discover": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      },
    },
  );
  server.setRequestHandler("tools/list", () => ({ tools: DESCRIPTIONS }));
  server.setRequestHandler("tools/call", async ({ params }, ctx) => {
    const tool = BY_NAME.get(params.name);
    if (tool === undefined) {
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `Unknown tool. The tools are: ${[...BY_NAME.keys()].join(", ")}.`,
      );
    }
    try {
      const args = jsonValueSchema.parse(params.arguments ?? {});
      const client = clientSideOf({ server, ctx, args, requestState });
      return await tool.call(params.arguments, { fleet, client });
    } catch (error) {
      return toErrorResult(failure("internal", explain(error)));
    }
  });
  return server;
}
