/** The Worker, tried by everything that can be sent to it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectClient } from "../support/clients/mcp.ts";
import { TEST_TIMEOUT_MS } from "./budget.ts";
import { endpointProperties, openEndpoint, type Endpoint } from "./endpoint-properties.ts";

let endpoint: Endpoint;

beforeAll(async () => {
  endpoint = await openEndpoint();
});

afterAll(() => endpoint.worker.close());

test.each(endpointProperties(() => endpoint))(
  "$name",
  { timeout: TEST_TIMEOUT_MS },
  async ({ run }) => {
    await expect(run()).resolves.toBeUndefined();
  },
);

test("the Worker serves as before", async () => {
  const connected = await connectClient(endpoint.worker.mcpUrl, endpoint.token);

  expect((await connected.client.listTools()).tools.length).toBeGreaterThan(5);
  expect((await connected.call("discover_instances")).isError).toBe(false);
  await connected.close();
});
