/** One tool call over HTTP, in either era, its answer checked by id and by what it must hold. */
import type { Operation } from "./subject.ts";
import type { Lane } from "./lane.ts";

export interface McpTarget {
  readonly url: URL;
  readonly token?: string | undefined;
  readonly era: "2026-07-28" | "2025-06-18";
  readonly sessionId?: string | undefined;
  /** Named in the arguments where the server has several. */
  readonly instance?: string | undefined;
  /** Of the answer, where the default is too little. */
  readonly maxBytes?: number | undefined;
}

const MODERN_META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "bench", version: "1" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

let lastId = 0;

export async function callTool(
  lane: Lane,
  target: McpTarget,
  operation: Operation,
): Promise<Record<string, unknown>> {
  lastId += 1;
  const id = lastId;
  const params = {
    name: operation,
    arguments: {
      ...argumentsOf(operation, id),
      ...(target.instance === undefined ? {} : { instance: target.instance }),
      ...(target.maxBytes === undefined ? {} : { max_bytes: target.maxBytes }),
    },
    ...(target.era === "2026-07-28" ? { _meta: MODERN_META } : {}),
  };
  const body = JSON.stringify({ jsonrpc: "2.0", id, method: "tools/call", params });
  const { status, text } = await lane.post(target.url, headersOf(target, operation), body);
  if (status !== 200) throw new Error(`HTTP ${status}: ${text.slice(0, 200)}`);
  const message = parseAnswer(text);
  if (message.id !== id) throw new Error("Another call's answer");
  if (message.result === undefined || message.result["isError"] === true) {
    throw new Error(`Refused: ${text.slice(0, 300)}`);
  }
  if (!text.includes(PROOF[operation])) throw new Error(`Not the record: ${text.slice(0, 200)}`);
  return message.result;
}

function argumentsOf(operation: Operation, id: number): Record<string, unknown> {
  switch (operation) {
    case "get_record":
      return { record_name: "app.readonly" };
    case "list_records":
      return {};
    case "set_record":
      return { record_name: "app.settings", value: { log_level: "info", max: id % 1000 } };
  }
}

/** What only an answer of the host can hold. */
const PROOF: Readonly<Record<Operation, string>> = {
  get_record: "up",
  list_records: "app.readonly",
  set_record: "success",
};

function headersOf(
  { token, era, sessionId }: McpTarget,
  operation: Operation,
): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": era,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(sessionId === undefined ? {} : { "mcp-session-id": sessionId }),
    ...(era === "2026-07-28" ? { "mcp-method": "tools/call", "mcp-name": operation } : {}),
  };
}

interface Message {
  readonly id?: unknown;
  readonly result?: Record<string, unknown>;
}

/** JSON, or the one message of an event stream. */
export function parseAnswer(text: string): Message {
  const data = text.startsWith("{")
    ? text
    : text
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => line.slice("data: ".length))
        .at(-1);
  return JSON.parse(data ?? "{}") as Message;
}
