/**
 * The call that nearly all are: one read tool of a 2026-07-28 client, nothing in its envelope that asks for
 * more than an answer. For it the SDK would make a server, connect it and take it down again, which costs more
 * than the call. Here it is answered as the SDK would, byte for byte; `plain-call.test.ts` compares them. What
 * is anything but plain is left to the SDK, above all what it would refuse.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  isJsonContentType,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
} from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { isJsonObject, type JsonObject } from "#shared/json.ts";
import { NO_CLIENT } from "#shared/mcp/client-side.ts";
import { callTool, readToolNamed, serverInfo, type ServerContext } from "#shared/mcp/server.ts";
import { safeParse } from "#shared/safe-parse.ts";
import { WORKER_VERSION } from "../version.ts";

const VERSION = "2026-07-28";
const METHOD = "tools/call";

/** The SDK reads fields into a new object, where this one would become its prototype. */
const argumentsSchema = z.custom<JsonObject>(
  (value) => isJsonObject(value) && !Object.hasOwn(value, "__proto__"),
);

const plainSchema = z.strictObject({
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.int()]),
  method: z.literal(METHOD),
  params: z.strictObject({
    name: z.string(),
    arguments: z.optional(argumentsSchema),
    _meta: z.strictObject({
      traceparent: z.optional(z.string()),
      tracestate: z.optional(z.string()),
      baggage: z.optional(z.string()),
      [PROTOCOL_VERSION_META_KEY]: z.literal(VERSION),
      /** What a client can do is of no matter to a tool that only reads. */
      [CLIENT_CAPABILITIES_META_KEY]: z.strictObject({
        elicitation: z.optional(z.strictObject({})),
        sampling: z.optional(z.strictObject({})),
        roots: z.optional(z.strictObject({})),
      }),
      [CLIENT_INFO_META_KEY]: z.optional(
        z.strictObject({ name: z.string(), title: z.optional(z.string()), version: z.string() }),
      ),
    }),
  }),
});

/** Undefined for a request that is not plain. */
export function plainCall(
  headers: Headers,
  body: unknown,
  { fleet, explain, onCall }: Pick<ServerContext, "fleet" | "explain" | "onCall">,
): Promise<Response> | undefined {
  const isPlain =
    headers.get("mcp-protocol-version") === VERSION &&
    headers.get("mcp-method") === METHOD &&
    isJsonContentType(headers.get("content-type"));
  if (!isPlain) return undefined;
  const call = safeParse(plainSchema, body).data;
  if (call === undefined || headers.get("mcp-name") !== call.params.name) return undefined;
  const tool = readToolNamed(call.params.name);
  if (tool === undefined) return undefined;
  const context = { fleet, client: NO_CLIENT };
  const answer = callTool(tool, call.params.arguments, context, { explain, onCall });
  return answer.then((result) => Response.json(toMessage(call.id, result)));
}

const SERVER_META = { [SERVER_INFO_META_KEY]: serverInfo(WORKER_VERSION) };

function toMessage(id: string | number, result: object): object {
  const complete = { ...result, resultType: "complete", _meta: SERVER_META };
  return { result: complete, jsonrpc: "2.0", id };
}
