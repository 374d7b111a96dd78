import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { postMcp, type RpcBody } from "../../support/mcp.ts";
import { createTeam } from "../../support/team.ts";

afterEach(() => reset());

async function post(
  body: string | object,
  headers: Record<string, string | null> = {},
): Promise<Response> {
  return postMcp(await (await createTeam()).accessToken(), body, headers);
}

async function answer(body: object, headers: Record<string, string | null> = {}) {
  const response = await post(body, headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  return response.json<RpcBody>();
}

function initialize(protocolVersion: string): object {
  const params = {
    protocolVersion,
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  return { jsonrpc: "2.0", id: 1, method: "initialize", params };
}

function request(method: string, params?: object): object {
  return { jsonrpc: "2.0", id: 1, method, ...(params === undefined ? {} : { params }) };
}

describe("initialize", () => {
  test.each(["2025-11-25", "2025-06-18", "2025-03-26"])("echoes %s", async (version) => {
    const { result } = await answer(initialize(version), { "mcp-protocol-version": null });

    expect(result.protocolVersion).toBe(version);
  });

  test.each(["2026-07-28", "2099-01-01", "x"])("answers %s with 2025-11-25", async (version) => {
    const { result } = await answer(initialize(version), { "mcp-protocol-version": null });

    expect(result.protocolVersion).toBe("2025-11-25");
  });

  test("says who answers, what it can do and how to begin", async () => {
    const { result } = await answer(initialize("2025-11-25"));

    expect(result.serverInfo).toMatchObject({ name: "aimdb-remote", title: "AimDB" });
    // No subscribe, and no listChanged: without a session nobody could be told.
    expect(result.capabilities).toEqual({
      tools: {},
      resources: {},
      prompts: {},
      completions: {},
    });
    expect(result.instructions.length).toBeGreaterThan(100);
    expect(result.instructions.length).toBeLessThan(4_096);
  });

  test("gives no session", async () => {
    expect((await post(initialize("2025-11-25"))).headers.get("mcp-session-id")).toBeNull();
  });
});

describe("a request of the 2025 revisions", () => {
  test("may leave its version out", async () => {
    const { result } = await answer(request("tools/list"), { "mcp-protocol-version": null });

    expect(result.tools.length).toBeGreaterThan(0);
  });

  test("may not name a version that does not exist", async () => {
    const response = await post(request("tools/list"), { "mcp-protocol-version": "1999-01-01" });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 1, error: { code: expect.any(Number) } });
  });

  test("may carry a session of an earlier server", async () => {
    const { result } = await answer(request("tools/list"), { "mcp-session-id": "stale" });

    expect(result.tools.length).toBeGreaterThan(0);
  });

  test.each(["application/json", "text/event-stream", "text/html"])(
    "may not accept %s alone",
    async (accept) => {
      const response = await post(request("tools/list"), { accept });

      expect(response.status).toBe(406);
      expect(await response.json()).toMatchObject({ id: 1, error: { code: expect.any(Number) } });
    },
  );

  test("has ping", async () => {
    expect((await answer(request("ping"))).result).toEqual({});
  });

  test.each([
    "unknown/method",
    "resources/subscribe",
    "resources/unsubscribe",
    "logging/setLevel",
    "server/discover",
    "subscriptions/listen",
  ])("has no %s", async (method) => {
    expect((await answer(request(method, {}))).error).toMatchObject({ code: -32_601 });
  });

  test.each([
    "aimdb://gw/plant/records",
    "aimdb://gw/plant/record/a",
    "test://static-text",
    "file:///etc/passwd",
    "",
  ])("has no resource %j", async (uri) => {
    const { error } = await answer(request("resources/read", { uri }));

    expect(error).toMatchObject({ code: -32_602, message: expect.stringMatching(/./) });
  });

  test.each([
    { method: "resources/list", params: { cursor: "beyond" } },
    { method: "prompts/get", params: { name: "no_such_prompt" } },
    { method: "prompts/get", params: { name: "debug_record", arguments: {} } },
    { method: "completion/complete", params: { argument: 5 } },
  ])("that $method can't take is the caller's error", async ({ method, params }) => {
    expect((await answer(request(method, params))).error).toMatchObject({ code: -32_602 });
  });

  test("has no tool of another name, and lists those there are", async () => {
    const { error } = await answer(request("tools/call", { name: "delete_record" }));

    expect(error.code).toBe(-32_602);
    expect(error.message).toContain("list_records");
  });

  test.each([
    { name: "get_record", arguments: {} },
    { name: "get_record", arguments: { record_name: 5 } },
    { name: "subscribe_record", arguments: { record_name: "a", duration_seconds: 0 } },
    { name: "set_record", arguments: { record_name: "a" } },
  ])("with bad arguments for $name is answered by a tool error", async (params) => {
    const { result } = await answer(request("tools/call", params));

    expect(result.isError).toBe(true);
    expect(result.structuredContent.error.code).toBe("invalid_input");
    expect(JSON.parse(result.content[0].text)).toEqual(result.structuredContent);
  });

  test("that asks for progress of a tool that reports it is answered as a stream", async () => {
    const args = { record_name: "a", instance: "gw/plant" };
    const params = { name: "subscribe_record", arguments: args, _meta: { progressToken: 1 } };
    const response = await post(request("tools/call", params));

    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toContain('"structuredContent"');
  });
});

describe("a notification", () => {
  test.each(["notifications/initialized", "notifications/cancelled", "notifications/unknown"])(
    "%s is accepted without an answer",
    async (method) => {
      const response = await post({ jsonrpc: "2.0", method, params: { requestId: 1 } });

      expect([response.status, await response.text()]).toEqual([202, ""]);
    },
  );
});

describe("a batch", () => {
  test("of requests is answered by a batch", async () => {
    const batch = [
      { ...request("ping"), id: "a" },
      { ...request("unknown/method"), id: "b" },
      { jsonrpc: "2.0", method: "notifications/initialized" },
    ];
    const response = await post(batch, { "mcp-protocol-version": "2025-03-26" });
    const answers = await response.json<RpcBody[]>();

    expect(response.status).toBe(200);
    expect(answers.sort((a, b) => String(a.id).localeCompare(String(b.id)))).toMatchObject([
      { id: "a", result: {} },
      { id: "b", error: { code: -32_601 } },
    ]);
  });

  test.each([
    ["in a revision that has none", "2025-06-18", 1],
    ["of more than one caller may have under way", "2025-03-26", 9],
  ])("%s is refused", async (_what, version, count) => {
    const batch = Array.from({ length: count }, (_, id) => ({ ...request("ping"), id }));
    const response = await post(batch, { "mcp-protocol-version": version });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      id: null,
      error: { message: expect.stringContaining("one message at a time") },
    });
  });

  test("of nothing is refused", async () => {
    const response = await post([]);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: null, error: { code: expect.any(Number) } });
  });
});

describe("JSON that is no JSON-RPC", () => {
  test.each([{}, [1], "text", 5, null, { id: 1, method: "ping" }])(
    "%j is refused",
    async (body) => {
      const response = await post(JSON.stringify(body));

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        jsonrpc: "2.0",
        error: { code: expect.any(Number), message: expect.any(String) },
      });
    },
  );
});
