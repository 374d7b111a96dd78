/**
 * The call that nearly all are: one read tool, from a client of either era, with nothing in its envelope that asks
 * for more than an answer. For it the SDK would make a server, connect it and take it down again, which costs more
 * than the call. Here it is answered byte for byte as the SDK would; `plain-call.test.ts` compares them. Anything
 * else is left to the SDK, above all what it would refuse.
 */
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  isJsonContentType,
  PROTOCOL_VERSION_META_KEY,
  SERVER_INFO_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "@modelcontextprotocol/server";
import * as z from "zod/mini";
import { isJsonObject, type JsonObject } from "#shared/json/json.ts";
import { NO_CLIENT } from "#shared/mcp/serving/client-side.ts";
import {
  callTool,
  readToolNamed,
  serverInfo,
  type ServerContext,
} from "#shared/mcp/serving/server.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { WORKER_VERSION } from "../../version.ts";

const MODERN_VERSION = "2026-07-28";
const METHOD = "tools/call";

/** The SDK copies fields into a new object, whose prototype this field would become. */
const argumentsSchema = z.custom<JsonObject>(
  (value) => isJsonObject(value) && !Object.hasOwn(value, "__proto__"),
);

const envelope = {
  jsonrpc: z.literal("2.0"),
  id: z.union([z.string(), z.int()]),
  method: z.literal(METHOD),
};

const modernSchema = z.strictObject({
  ...envelope,
  params: z.strictObject({
    name: z.string(),
    arguments: z.optional(argumentsSchema),
    _meta: z.custom<JsonObject>((meta) => isJsonObject(meta) && isPlainMeta(meta)),
  }),
});

/** Without a schema, whose nested objects would cost a call as much as its answer's check. */
function isPlainMeta(meta: JsonObject): boolean {
  const info = meta[CLIENT_INFO_META_KEY];
  return (
    hasOnly(meta, META_KEYS) &&
    TEXTS_OF_META.every((key) => isOptionalText(meta[key])) &&
    meta[PROTOCOL_VERSION_META_KEY] === MODERN_VERSION &&
    isPlainCapabilities(meta[CLIENT_CAPABILITIES_META_KEY]) &&
    (info === undefined || isPlainInfo(info))
  );
}

/** What a client can do doesn't matter to a tool that only reads. */
function isPlainCapabilities(capabilities: unknown): boolean {
  if (!isJsonObject(capabilities) || !hasOnly(capabilities, CAPABILITIES)) return false;
  return Object.values(capabilities).every((one) => isJsonObject(one) && hasOnly(one, NOTHING));
}

function isPlainInfo(info: unknown): boolean {
  if (!isJsonObject(info) || !hasOnly(info, INFO_KEYS)) return false;
  const { name, title, version } = info;
  return typeof name === "string" && isOptionalText(title) && typeof version === "string";
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function hasOnly(object: JsonObject, keys: ReadonlySet<string>): boolean {
  return Object.keys(object).every((key) => keys.has(key));
}

const TEXTS_OF_META = ["traceparent", "tracestate", "baggage"];
const META_KEYS = new Set([
  ...TEXTS_OF_META,
  PROTOCOL_VERSION_META_KEY,
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
]);
const CAPABILITIES = new Set(["elicitation", "sampling", "roots"]);
const INFO_KEYS = new Set(["name", "title", "version"]);
const NOTHING = new Set<string>();

/**
 * Clients of these revisions put what they like into `_meta`, and some ask for progress with each call, which most
 * tools never report; MCP's other keys there ask for more.
 */
const legacyMetaSchema = z.custom<JsonObject>(
  (value) =>
    isJsonObject(value) &&
    isProgressToken(value["progressToken"]) &&
    Object.keys(value).every(
      (key) => key !== "__proto__" && !key.startsWith("io.modelcontextprotocol/"),
    ),
);

function isProgressToken(token: unknown): boolean {
  return token === undefined || typeof token === "string" || Number.isSafeInteger(token);
}

const legacySchema = z.strictObject({
  ...envelope,
  params: z.strictObject({
    name: z.string(),
    arguments: z.optional(argumentsSchema),
    _meta: z.optional(legacyMetaSchema),
  }),
});

interface PlainCall {
  readonly id: string | number;
  readonly params: {
    readonly name: string;
    readonly arguments?: JsonObject | undefined;
    readonly _meta?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly isModern: boolean;
}

/** Undefined for a request that is not plain. */
export function plainCall(
  headers: Headers,
  body: unknown,
  { fleet, explain, onCall }: Pick<ServerContext, "fleet" | "explain" | "onCall">,
): Promise<Response> | undefined {
  if (!isJsonContentType(headers.get("content-type"))) return undefined;
  const call =
    headers.get("mcp-protocol-version") === MODERN_VERSION
      ? modernCall(headers, body)
      : legacyCall(headers, body);
  if (call === undefined) return undefined;
  const tool = readToolNamed(call.params.name);
  if (tool === undefined) return undefined;
  if (tool.tellsProgress && call.params._meta?.["progressToken"] !== undefined) return undefined;
  const context = { fleet, client: NO_CLIENT };
  const answer = callTool(tool, call.params.arguments, context, { explain, onCall });
  return answer.then((result) => Response.json(toMessage(call, result)));
}

function modernCall(headers: Headers, body: unknown): PlainCall | undefined {
  if (headers.get("mcp-method") !== METHOD) return undefined;
  const call = safeParse(modernSchema, body).data;
  if (call === undefined || headers.get("mcp-name") !== call.params.name) return undefined;
  return { ...call, isModern: true };
}

/** Without a version header it is of the first revision, which had none. */
function legacyCall(headers: Headers, body: unknown): PlainCall | undefined {
  const version = headers.get("mcp-protocol-version");
  const accept = headers.get("accept") ?? "";
  const isPlain =
    (version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) &&
    accept.includes("application/json") &&
    accept.includes("text/event-stream") &&
    NOT_LEGACY.every((name) => headers.get(name) === null);
  if (!isPlain) return undefined;
  const call = safeParse(legacySchema, body).data;
  return call === undefined ? undefined : { ...call, isModern: false };
}

/** Headers of 2026, or of a session: this server has no sessions. */
const NOT_LEGACY = ["mcp-method", "mcp-name", "mcp-session-id"];

const SERVER_META = { [SERVER_INFO_META_KEY]: serverInfo(WORKER_VERSION) };

function toMessage({ id, isModern }: PlainCall, result: object): object {
  const told = isModern ? { ...result, resultType: "complete", _meta: SERVER_META } : result;
  return { result: told, jsonrpc: "2.0", id };
}
