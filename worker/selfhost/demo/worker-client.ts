/** What the demo asks its own Worker: for tokens, and whether the instances are there. */
import * as z from "zod/mini";

const REQUEST_TIMEOUT_MS = 10_000;

const createdToken = z.object({ token: z.string() });
const discovered = z.object({
  result: z.object({
    structuredContent: z.object({
      instances: z.array(
        z.object({
          instance: z.string(),
          socket_path: z.string(),
          protocol_version: z.nullable(z.string()),
          status: z.string(),
        }),
      ),
    }),
  }),
});
export type DiscoveredInstance = z.infer<
  typeof discovered
>["result"]["structuredContent"]["instances"][number];

export async function createToken(
  url: URL,
  adminToken: string,
  body: Readonly<Record<string, unknown>>,
): Promise<string> {
  const response = await post(url, adminToken, body);
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
  return createdToken.parse(await response.json()).token;
}

/** The demo's relay itself decides whether writes need a confirmation, so its team requires none. */
export async function openWrites(url: URL, adminToken: string): Promise<void> {
  const policy = {
    rules: [{ record: "*", confirm: "never" }],
    writes_per_minute: 0,
    writes_per_minute_per_record: 0,
  };
  const response = await send(url, adminToken, { method: "PUT", body: policy });
  if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`);
}

/** Asks as any client would. */
export async function discoverInstances(
  mcpUrl: URL,
  accessToken: string,
): Promise<DiscoveredInstance[]> {
  const params = { name: "discover_instances", arguments: {} };
  const response = await post(mcpUrl, accessToken, {
    jsonrpc: "2.0",
    id: 1,
    method: "tools/call",
    params,
  });
  return discovered.parse(await response.json()).result.structuredContent.instances;
}

function post(url: URL, bearer: string, body: unknown): Promise<Response> {
  return send(url, bearer, { method: "POST", body });
}

function send(
  url: URL,
  bearer: string,
  { method, body }: { method: string; body: unknown },
): Promise<Response> {
  return fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${bearer}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
}
