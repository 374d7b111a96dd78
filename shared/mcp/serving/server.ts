/** The MCP server, the same over every fleet. One per request: nothing about a caller outlives it. */
import {
  ProtocolError,
  ProtocolErrorCode,
  type Implementation,
  type Server,
} from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { failure, FailureError } from "../../failure.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { isJsonObject, jsonValueSchema } from "../../json/json.ts";
import type { CallerSignal } from "../../fleet/caller-signal.ts";
import type { OnCall } from "./client-call.ts";
import { clientSideOf, NO_CLIENT, type RequestState } from "./client-side.ts";
import type { Scope } from "../../access/scope.ts";
import { handlePrompts } from "./prompt-handlers.ts";
import { handleResources, type ResourceSettings } from "./resource-handlers.ts";
import { INSTRUCTIONS } from "./instructions.ts";
import { progressOf } from "./progress.ts";
import { StrictServer, type StrictOptions } from "./strict-server.ts";
import { toErrorResult } from "../answers/tool-result.ts";
import type { Tool, ToolContext } from "../tool.ts";
import { discoverInstances } from "../tools/discover-instances.ts";
import { drainRecord } from "../tools/drain-record.ts";
import { getDiagnostics } from "../tools/get-diagnostics.ts";
import { getGraph } from "../tools/get-graph.ts";
import { getInstanceInfo } from "../tools/get-instance-info.ts";
import { getRecord } from "../tools/get-record.ts";
import { getWriteOutcome } from "../tools/get-write-outcome.ts";
import { listRecords } from "../tools/list-records.ts";
import { queryHistory } from "../tools/query-history.ts";
import { querySchema } from "../tools/query-schema.ts";
import { resetDiagnostics } from "../tools/reset-diagnostics.ts";
import { setRecord } from "../tools/set-record.ts";
import { snapshot } from "../tools/snapshot.ts";
import { subscribeRecord } from "../tools/subscribe-record.ts";
import { unsubscribeRecord } from "../tools/unsubscribe-record.ts";
import { safeParse } from "../../parse/safe-parse.ts";

/** In the order clients list them. */
const TOOLS: readonly Tool[] = [
  discoverInstances,
  getInstanceInfo,
  listRecords,
  snapshot,
  getRecord,
  querySchema,
  setRecord,
  getWriteOutcome,
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

/** The tool that a message calls. Read without a schema: every message is asked, and most match none. */
function calledTool(message: unknown): Tool | undefined {
  if (!isJsonObject(message) || message["method"] !== "tools/call") return undefined;
  const { params } = message;
  const name = isJsonObject(params) ? params["name"] : undefined;
  return typeof name === "string" ? BY_NAME.get(name) : undefined;
}

/** Of a message, or of each of a batch. */
function calledTools(body: unknown): readonly (Tool | undefined)[] {
  return Array.isArray(body) ? body.map(calledTool) : [calledTool(body)];
}

/** The scope that a message, or any of a batch, needs. */
export function scopeOf(body: unknown): Scope {
  const isWrite = calledTools(body).some((tool) => tool?.scope === "aimdb:write");
  return isWrite ? "aimdb:write" : "aimdb:read";
}

/** Tools change only with a release, so a client may keep the list a long time. */
const LIST_TTL_MS = 300_000;

/** As old as a relay's view of its sockets may be. */
const RESOURCES_TTL_MS = 30_000;

/** One that changes nothing and asks its client nothing; undefined for any other. */
export function readToolNamed(name: string): Tool | undefined {
  const tool = BY_NAME.get(name);
  return tool?.scope === "aimdb:read" ? tool : undefined;
}

/** Whether the message, or any of a batch, calls a tool that may wait long. */
export function waits(body: unknown): boolean {
  return calledTools(body).some((tool) => tool?.tellsProgress === true);
}

/** Whether the message calls a tool that will report progress, and asks for it. */
export function asksForProgress(message: unknown): boolean {
  return calledTool(message)?.tellsProgress === true && safeParse(askingSchema, message).success;
}

const askingSchema = z.object({
  params: z.object({
    _meta: z.object({ progressToken: z.union([z.string(), z.number()]) }),
  }),
});

export function serverInfo(version: string): Implementation {
  return { name: "aimdb-remote", title: "AimDB", version };
}

/** How every tool call runs. */
export interface Calling {
  /** Logs an unforeseen failure, and says what the caller may know of it. */
  readonly explain: (error: unknown) => string;
  readonly onCall?: OnCall | undefined;
}

/** Whatever goes wrong in a tool is a tool error. */
export async function callTool(
  tool: Tool,
  input: unknown,
  context: ToolContext,
  { explain, onCall }: Calling,
): ReturnType<Tool["call"]> {
  const result = await run(tool, input, { context, explain });
  const { scope, description } = tool;
  const told = onCall?.({ action: `tool.${description.name}`, scope, input, result });
  const failed = told === undefined ? undefined : await told;
  return failed === undefined ? result : toErrorResult(failed);
}

async function run(
  tool: Tool,
  input: unknown,
  { context, explain }: { context: ToolContext; explain: Calling["explain"] },
): ReturnType<Tool["call"]> {
  try {
    return await tool.call(input, context);
  } catch (error) {
    if (error instanceof FailureError) return toErrorResult(error.failure);
    return toErrorResult(failure("internal", explain(error)));
  }
}

export type NewServer = (info: Implementation, options: StrictOptions) => StrictServer;

export interface ServerContext extends Calling {
  readonly fleet: Fleet;
  /** For a request that its client may cancel, if one fleet serves all. */
  readonly fleetUntil?: ((gone: CallerSignal) => Fleet) | undefined;
  readonly version: string;
  /** Signs what travels through a client between a question and its answer. */
  readonly requestState?: RequestState | undefined;
  readonly resources: ResourceSettings;
  /** Whether this client can be notified of changed resources: 2026 clients, and all on stdio. */
  readonly canSubscribe: boolean;
  /** For a build whose server has more than the product's; see `worker/mcp/serving/extension.ts`. */
  readonly newServer?: NewServer | undefined;
}

export function createServer({
  fleet,
  fleetUntil = () => fleet,
  version,
  explain,
  onCall,
  requestState,
  resources,
  canSubscribe,
  newServer = (info, options) => new StrictServer(info, options),
}: ServerContext): Server {
  const server = newServer(serverInfo(version), {
    capabilities: {
      tools: {},
      resources: canSubscribe ? { subscribe: true } : {},
      prompts: {},
      completions: {},
    },
    explain,
    instructions: INSTRUCTIONS,
    // A 2025 client can't receive the question over HTTP; over stdio it is asked directly.
    inputRequired: { legacyShim: false },
    ...(requestState === undefined ? {} : { requestState: { verify: requestState.verify } }),
    cacheHints: {
      "tools/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      "server/discover": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      "prompts/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      "resources/templates/list": { ttlMs: LIST_TTL_MS, cacheScope: "public" },
      "resources/list": { ttlMs: RESOURCES_TTL_MS, cacheScope: "private" },
    },
  });
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
      const progress = progressOf(ctx.mcpReq, () => fleet.nowMs());
      return await callTool(
        tool,
        params.arguments,
        { fleet: fleetUntil(ctx.mcpReq.signal), client, progress },
        { explain, onCall },
      );
    } catch (error) {
      return toErrorResult(failure("internal", explain(error)));
    }
  });
  const contextUntil = (gone: CallerSignal) => ({ fleet: fleetUntil(gone), client: NO_CLIENT });
  handleResources(server, contextUntil, { ...resources, onCall });
  handlePrompts(server, contextUntil, onCall);
  return server;
}
