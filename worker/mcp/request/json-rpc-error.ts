/** Refusals of `/mcp`: each has a JSON-RPC body, with the request's id if one could be read. */
import { isJsonObject } from "#shared/json/json.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";

export type RpcId = string | number | null;

/** JSON-RPC 2.0 §5.1, and its first free code for what HTTP's status says already. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  refused: -32000,
  internal: -32603,
};

export interface RpcRefusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function rpcErrorResponse(
  { status, code, message, headers }: RpcRefusal,
  id: RpcId,
): Response {
  const body = { jsonrpc: "2.0", id, error: { code, message } };
  return Response.json(body, headers === undefined ? { status } : { status, headers });
}

/** The id of a single request; null for a batch, a notification, or what is neither. */
export function requestIdOf(body: unknown): RpcId {
  if (!isJsonObject(body)) return null;
  const { id } = body;
  return typeof id === "string" || typeof id === "number" ? id : null;
}

/** A refusal made by a library: adds the id that it left out, and a body if it has none. */
export async function completeRefusal(response: Response, id: RpcId): Promise<Response> {
  if (response.status < 400) return response;
  const text = await response.text();
  const body = parseOrUndefined(text);
  const headers = new Headers(response.headers);
  headers.set("content-type", "application/json");
  headers.delete("content-length");
  const { status } = response;
  if (isJsonObject(body) && body["error"] !== undefined) {
    return new Response(JSON.stringify({ ...body, id: body["id"] ?? id }), { status, headers });
  }
  const refusal = { status, code: RPC_CODES.refused, message: text.slice(0, 200) || "Refused." };
  return rpcErrorResponse(refusal, id);
}
