/** The real Worker in workerd against bodies, headers and frames that nobody would send. */
import fc from "fast-check";
import { parseJson, type JsonValue } from "#shared/json/json.ts";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { parseWorkerFrame } from "#shared/link/frame.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import { Device, HELLO, LinkPeer } from "../support/link/link-peer.ts";
import { startTestWorker, type TestWorker } from "../support/processes/test-worker.ts";
import { goldenFrames, isFromRelay } from "../shared/link/golden-frames.ts";
import { anyBytes, anyMutant, anyText } from "./mutations.ts";
import { property, type Property } from "./property.ts";

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};
const CALL = { name: "get_record", arguments: { record_name: "a", instance: "gw/plant" } };
const MODERN = [
  { method: "server/discover", params: { _meta: META } },
  { method: "tools/list", params: { _meta: META } },
  { method: "tools/call", params: { ...CALL, _meta: META } },
  { method: "resources/read", params: { uri: "aimdb://gw/plant/record/a", _meta: META } },
  { method: "prompts/get", params: { name: "debug_record", arguments: {}, _meta: META } },
  {
    method: "completion/complete",
    params: {
      ref: { type: "ref/resource", uri: "aimdb://{relay}/{name}/records" },
      argument: { name: "relay", value: "g" },
      _meta: META,
    },
  },
];
const LEGACY = [
  {
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "f", version: "1" },
    },
  },
  { method: "tools/list" },
  { method: "tools/call", params: CALL },
  {
    method: "tools/call",
    params: { name: "set_record", arguments: { record_name: "a", value: [1] } },
  },
  { method: "resources/list", params: { cursor: "20" } },
  { method: "resources/templates/list" },
  { method: "prompts/list" },
];

const MODERN_BODIES = MODERN.map((request) => toJson({ jsonrpc: "2.0", id: 7, ...request }));
const LEGACY_BODIES = LEGACY.map((request) => toJson({ jsonrpc: "2.0", id: "x", ...request }));
const BODIES = [...MODERN_BODIES, ...LEGACY_BODIES];

interface Posted {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const anyHeaders: fc.Arbitrary<Readonly<Record<string, string>>> = fc.record(
  {
    "mcp-protocol-version": fc.constantFrom(
      "2026-07-28",
      "2025-11-25",
      "2025-03-26",
      "",
      "1",
      "2099-01-01",
    ),
    "mcp-method": fc.constantFrom("tools/list", "tools/call", "server/discover", "=?base64?!?="),
    "mcp-name": fc.constantFrom("get_record", "=?base64?Z2V0X3JlY29yZA==?=", "=?base64?%%?=", "x"),
    "mcp-session-id": fc.constantFrom("stale", ""),
    "last-event-id": fc.constantFrom("1", "-"),
    accept: fc.constantFrom("application/json, text/event-stream", "*/*", "text/html"),
  },
  { requiredKeys: [] },
);

const anyPost: fc.Arbitrary<Posted> = fc.oneof(
  fc.record({
    body: fc.oneof(
      anyBytes(BODIES.map(toText)),
      anyMutant(BODIES).map((value) => Buffer.from(toText(value))),
    ),
    headers: anyHeaders,
  }),
  fc.constantFrom(...MODERN_BODIES.keys()).chain((index) =>
    anyMutant(MODERN_BODIES.slice(index, index + 1)).map((value) => ({
      body: Buffer.from(toText(value)),
      headers: { "mcp-protocol-version": "2026-07-28", "mcp-method": MODERN[index]?.method ?? "" },
    })),
  ),
);

const FRAMES: readonly JsonValue[] = goldenFrames("valid").flatMap(({ type, frame }) =>
  isFromRelay(type) ? [toJson(frame)] : [],
);
const CODES: ReadonlySet<number> = new Set(Object.values(CLOSE_CODES).map(({ code }) => code));

export interface Endpoint {
  readonly worker: TestWorker;
  readonly token: string;
  readonly device: Device;
}

export async function openEndpoint(): Promise<Endpoint> {
  const worker = await startTestWorker();
  return {
    worker,
    token: await worker.createAccessToken(),
    device: await Device.enroll(worker.url, await worker.createJoinToken(), "fuzzed"),
  };
}

/** `endpoint` is asked for when a property is tried, not before. */
export function endpointProperties(endpoint: () => Endpoint): readonly Property[] {
  return [
    property(
      "/mcp answers any body in JSON-RPC",
      { inputs: anyPost, runs: 400 },
      async (posted) => {
        await expectRpc(await post(endpoint(), posted));
      },
    ),
    property(
      "/api/v1 answers any body of a stranger in the same way",
      { inputs: anyBytes(API_BODIES), runs: 150 },
      async (body) => {
        const { status } = await fetch(new URL("/api/v1/access-tokens", endpoint().worker.url), {
          method: "POST",
          headers: { ...HEADERS, authorization: "Bearer none" },
          body,
        });
        if (status !== 401) throw new Error(`${status}`);
      },
    ),
    property(
      "a link ends with a code that means something, or goes on, whatever the relay sends",
      { inputs: fc.array(anyFrame, { maxLength: 4 }), runs: 80 },
      async (texts) => {
        const peer = await greeted(endpoint().device);
        for (const text of texts) peer.send(text);
        await expectStanding(peer);
      },
    ),
  ];
}

const anyFrame = fc.oneof(anyText(FRAMES.map(toText)), anyMutant(FRAMES).map(toText));

function post({ worker, token }: Endpoint, { body, headers }: Posted): Promise<Response> {
  return fetch(worker.mcpUrl, {
    method: "POST",
    headers: { ...HEADERS, ...headers, authorization: `Bearer ${token}` },
    body,
    signal: AbortSignal.timeout(ANSWER_MS),
  });
}

const API_BODIES = ['{"team":"a","scopes":["aimdb:read"]}', "[]"];
const HEADERS = {
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** A call that waits for samples may take 25 s; none of these names an instance that is there. */
const ANSWER_MS = 10_000;

async function expectRpc(response: Response): Promise<void> {
  const text = await response.text();
  if (response.status >= 500) throw new Error(`${response.status}: ${text}`);
  if (response.status === 202) {
    if (text !== "") throw new Error(`A notification was answered: ${text}`);
    return;
  }
  const messages = response.headers.get("content-type")?.startsWith("text/event-stream")
    ? text.split("\n").flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []))
    : [text];
  for (const message of messages) {
    const answers = [parseJson(message)].flat() as readonly {
      jsonrpc?: unknown;
      error?: { code?: unknown };
    }[];
    const isRpc = answers.every(({ jsonrpc }) => jsonrpc === "2.0");
    const isBug = answers.some(({ error }) => error?.code === -32_603);
    if (!isRpc || isBug) throw new Error(`${response.status}: ${text}`);
  }
}

async function greeted(device: Device): Promise<LinkPeer> {
  const peer = await device.dial();
  if (!(peer instanceof LinkPeer)) throw new Error(`dial: ${peer.status} ${peer.body}`);
  peer.send(HELLO);
  await peer.nextFrame();
  return peer;
}

/**
 * Closed by a code of the protocol, or alive: then the platform answers its heartbeat. What the worker
 * says before that must be frames.
 */
async function expectStanding(peer: LinkPeer): Promise<void> {
  peer.send(HEARTBEAT_REQUEST);
  let said = await peer.nextFrameOrClose();
  while (typeof said !== "number" && JSON.stringify(said) !== HEARTBEAT_RESPONSE) {
    if (!parseWorkerFrame(JSON.stringify(said)).ok) throw new Error(JSON.stringify(said));
    said = await peer.nextFrameOrClose();
  }
  if (typeof said === "number" && !CODES.has(said)) throw new Error(`Closed with ${said}`);
  peer.close();
}

function toText(value: JsonValue): string {
  return JSON.stringify(value);
}

function toJson(value: object): JsonValue {
  return parseJson(JSON.stringify(value));
}
