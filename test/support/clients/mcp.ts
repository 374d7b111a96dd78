/** The official client of the current line, and tool results as a test wants them. */
import {
  Client,
  StreamableHTTPClientTransport,
  type Transport,
} from "@modelcontextprotocol/client";

export interface ToolAnswer {
  readonly isError: boolean;
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are looked at field by field
  readonly json: any;
}

export interface ConnectedClient {
  readonly client: Client;
  /** `meta` goes into the request's `_meta`. */
  call(
    name: string,
    args?: Record<string, unknown>,
    meta?: Record<string, unknown>,
  ): Promise<ToolAnswer>;
  close(): Promise<void>;
}

export type Era = "legacy" | "auto" | "modern";

const NEGOTIATION = {
  legacy: { mode: "legacy" },
  auto: { mode: "auto" },
  modern: { mode: { pin: "2026-07-28" } },
} as const;

const NAME = { name: "end-to-end-test", version: "1.0.0" };

export function connectClient(
  url: URL,
  token: string,
  era: Era = "auto",
): Promise<ConnectedClient> {
  return connect(transportTo(url, token), era);
}

/** Whose person is asked to confirm, and does what `isConfirmed` says. */
export function connectConfirming(
  url: URL,
  token: string,
  isConfirmed: () => Promise<boolean>,
): Promise<ConnectedClient> {
  const versionNegotiation = NEGOTIATION.modern;
  const capabilities = { elicitation: { form: {} } };
  const client = new Client(NAME, { versionNegotiation, capabilities });
  client.setRequestHandler("elicitation/create", async () =>
    (await isConfirmed())
      ? { action: "accept", content: { confirm: true } }
      : { action: "decline" },
  );
  return connected(client, transportTo(url, token));
}

function transportTo(url: URL, token: string): Transport {
  const headers = { authorization: `Bearer ${token}` };
  return new StreamableHTTPClientTransport(url, { requestInit: { headers } });
}

export function connect(transport: Transport, era: Era): Promise<ConnectedClient> {
  return connected(new Client(NAME, { versionNegotiation: NEGOTIATION[era] }), transport);
}

async function connected(client: Client, transport: Transport): Promise<ConnectedClient> {
  await client.connect(transport);
  return {
    client,
    call: async (name, args = {}, meta) => {
      const more = meta === undefined ? {} : { _meta: meta };
      const result = await client.callTool({ name, arguments: args, ...more });
      return { isError: result.isError === true, json: result.structuredContent };
    },
    close: () => client.close(),
  };
}
