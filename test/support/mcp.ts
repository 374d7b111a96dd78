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

export function connectClient(
  url: URL,
  token: string,
  era: Era = "auto",
): Promise<ConnectedClient> {
  const headers = { authorization: `Bearer ${token}` };
  return connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }), era);
}

export async function connect(transport: Transport, era: Era): Promise<ConnectedClient> {
  const client = new Client(
    { name: "end-to-end-test", version: "1.0.0" },
    { versionNegotiation: NEGOTIATION[era] },
  );
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
