/** MCP by hand, so that every header and byte is the test's own. */
import type { Env } from "../../../worker/env.ts";
import { bearer, fetchWorker } from "./worker.ts";

export const LEGACY_VERSION = "2025-11-25";
export const MODERN_VERSION = "2026-07-28";

const LEGACY_HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
  "mcp-protocol-version": LEGACY_VERSION,
};

export interface RpcBody {
  readonly jsonrpc?: string;
  readonly id?: unknown;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly result?: any;
  // oxlint-disable-next-line typescript/no-explicit-any -- likewise
  readonly error?: any;
}

/** A header that is null is left out. */
export function postMcp(
  token: string | undefined,
  body: string | object,
  headers: Readonly<Record<string, string | null>> = {},
  address = "/mcp",
): Promise<Response> {
  return fetchWorker(address, postOf(token, body, headers));
}

/** To a Worker of other settings. */
export function postMcpUnder(
  settings: Partial<Env>,
  token: string,
  body: object,
): Promise<Response> {
  return fetchWorker("/mcp", postOf(token, body, {}), settings);
}

function postOf(
  token: string | undefined,
  body: string | object,
  headers: Readonly<Record<string, string | null>>,
): RequestInit {
  const all = { ...LEGACY_HEADERS, ...(token === undefined ? {} : bearer(token)), ...headers };
  return {
    method: "POST",
    headers: Object.entries(all).flatMap(([name, value]) =>
      value === null ? [] : [[name, value]],
    ),
    body: typeof body === "string" ? body : JSON.stringify(body),
  };
}

export function modernBody(
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  meta: Readonly<Record<string, unknown>> = {},
): object {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": MODERN_VERSION,
    "io.modelcontextprotocol/clientCapabilities": {},
    ...meta,
  };
  return { jsonrpc: "2.0", id: 7, method, params: { ...params, _meta } };
}

export function modernHeaders(
  method: string,
  name: string | null = null,
): Record<string, string | null> {
  return { "mcp-protocol-version": MODERN_VERSION, "mcp-method": method, "mcp-name": name };
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly json: any;
}

export async function callTool(
  token: string,
  name: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<ToolAnswer> {
  const body = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
  const response = await postMcp(token, body);
  const { result, error } = await response.json<RpcBody>();
  if (result === undefined) throw new Error(`${name}: ${JSON.stringify(error)}`);
  return {
    isError: result.isError === true,
    text: result.content[0].text,
    json: result.structuredContent,
  };
}
