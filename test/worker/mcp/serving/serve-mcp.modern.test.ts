import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import {
  MODERN_VERSION,
  modernBody,
  modernHeaders,
  postMcp,
  type RpcBody,
} from "../../support/mcp.ts";
import { createTeam } from "../../support/team.ts";

afterEach(() => reset());

async function post(
  body: object,
  headers: Record<string, string | null>,
): Promise<{ status: number; headers: Headers; body: RpcBody }> {
  const response = await postMcp(await (await createTeam()).accessToken(), body, headers);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function ask(method: string, params: Record<string, unknown> = {}, name: string | null = null) {
  return post(modernBody(method, params), modernHeaders(method, name));
}

const CALL = { name: "discover_instances", arguments: {} };

describe("server/discover", () => {
  test("says who answers, which versions and what for how long", async () => {
    const { status, body } = await ask("server/discover");

    expect(status).toBe(200);
    expect(body.id).toBe(7);
    expect(body.result).toMatchObject({
      resultType: "complete",
      supportedVersions: expect.arrayContaining([MODERN_VERSION]),
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, completions: {} },
      instructions: expect.any(String),
      ttlMs: expect.any(Number),
      cacheScope: "public",
    });
  });
});

describe("a request of 2026-07-28", () => {
  test("lists the tools, in the same order each time", async () => {
    const [first, second] = [await ask("tools/list"), await ask("tools/list")];

    expect(first.headers.get("content-type")).toBe("application/json");
    expect(first.body.result).toMatchObject({ resultType: "complete", cacheScope: "public" });
    expect(first.body.result.ttlMs).toBeGreaterThanOrEqual(0);
    expect(JSON.stringify(first.body.result)).toBe(JSON.stringify(second.body.result));
  });

  test("calls a tool", async () => {
    const { status, body } = await ask("tools/call", CALL, CALL.name);

    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      resultType: "complete",
      structuredContent: { instances: [], total: 0 },
      isError: false,
    });
  });

  test("may name a tool in base64", async () => {
    const { status } = await ask("tools/call", CALL, `=?base64?${btoa(CALL.name)}?=`);

    expect(status).toBe(200);
  });

  test("may carry a session of an earlier server", async () => {
    const { status } = await post(modernBody("tools/list"), {
      ...modernHeaders("tools/list"),
      "mcp-session-id": "stale",
    });

    expect(status).toBe(200);
  });

  test.each([
    "unknown/method",
    "initialize",
    "ping",
    "logging/setLevel",
    "resources/subscribe",
    "resources/unsubscribe",
  ])("has no %s: 404", async (method) => {
    const { status, body } = await ask(method);

    expect(status).toBe(404);
    expect(body).toMatchObject({ id: 7, error: { code: -32_601 } });
  });

  test.each([
    { method: "tools/list", scope: "public" },
    { method: "prompts/list", scope: "public" },
    { method: "resources/templates/list", scope: "public" },
    { method: "resources/list", scope: "private" },
  ])("$method says for how long and for whom it holds", async ({ method, scope }) => {
    const { body } = await ask(method);

    expect(body.result).toMatchObject({ resultType: "complete", cacheScope: scope });
    expect(body.result.ttlMs).toBeGreaterThan(0);
  });

  test("reads a resource for its caller alone, and for now", async () => {
    const uri = "aimdb://instances";
    const { body } = await ask("resources/read", { uri }, uri);

    expect(body.result).toMatchObject({ ttlMs: 0, cacheScope: "private", contents: [{ uri }] });
  });

  test.each(["aimdb://gw/plant/record/a", "aimdb://elsewhere", "test://static-text"])(
    "has no resource %s",
    async (uri) => {
      const { body } = await ask("resources/read", { uri }, uri);

      expect(body).toMatchObject({ id: 7, error: { code: -32_602 } });
      expect(body.result).toBeUndefined();
    },
  );

  test("has no tool of another name", async () => {
    const { body } = await ask("tools/call", { name: "delete_record" }, "delete_record");

    expect(body).toMatchObject({ id: 7, error: { code: -32_602 } });
  });

  test("with bad arguments is answered by a tool error", async () => {
    const { status, body } = await ask("tools/call", { name: "get_record" }, "get_record");

    expect(status).toBe(200);
    expect(body.result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: "invalid_input" } },
    });
  });

  test("that only notifies is accepted without an answer", async () => {
    const method = "notifications/cancelled";
    const { id: _left, ...notification } = modernBody(method, { requestId: 1 }) as { id: unknown };
    const token = await (await createTeam()).accessToken();

    const response = await postMcp(token, notification, modernHeaders(method));

    expect([response.status, await response.text()]).toEqual([202, ""]);
  });

  test("may listen: the first message grants nothing that is not advertised", async () => {
    const method = "subscriptions/listen";
    const body = modernBody(method, { notifications: { toolsListChanged: true } });
    const token = await (await createTeam()).accessToken();

    const response = await postMcp(token, body, modernHeaders(method));
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await reader?.read();
    await reader?.cancel();

    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("x-accel-buffering")).toBe("no");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(first?.value).toContain("notifications/subscriptions/acknowledged");
    expect(first?.value).not.toContain("toolsListChanged");
  });
});

describe("subscriptions/listen", () => {
  test.each([{}, { notifications: [] }, { notifications: { resourceSubscriptions: "all" } }])(
    "refuses %j",
    async (params) => {
      const { body } = await ask("subscriptions/listen", params);

      expect(body).toMatchObject({ id: 7, error: { code: -32_602 } });
    },
  );
});

describe("a request of 2026-07-28 is refused with 400", () => {
  test.each([
    { method: "resources/read", params: { uri: "aimdb://instances" } },
    { method: "prompts/get", params: { name: "debug_record" } },
  ])("if $method and Mcp-Name differ", async ({ method, params }) => {
    for (const name of [null, "another"]) {
      const refused = await ask(method, params, name);

      expect(refused.status).toBe(400);
      expect(refused.body).toMatchObject({ id: 7, error: { code: -32_020 } });
    }
  });

  const body = modernBody("tools/call", CALL);
  const headers = modernHeaders("tools/call", CALL.name);

  test.each([
    { name: "without Mcp-Method", change: { "mcp-method": null }, code: -32_020 },
    { name: "with another Mcp-Method", change: { "mcp-method": "tools/list" }, code: -32_020 },
    { name: "without Mcp-Name", change: { "mcp-name": null }, code: -32_020 },
    { name: "with another Mcp-Name", change: { "mcp-name": "get_record" }, code: -32_020 },
    {
      name: "with another version in the header",
      change: { "mcp-protocol-version": "2025-11-25" },
      code: -32_020,
    },
    {
      name: "without a version in the header",
      change: { "mcp-protocol-version": null },
      code: -32_020,
    },
  ])("$name", async ({ change, code }) => {
    const refused = await post(body, { ...headers, ...change });

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ jsonrpc: "2.0", id: 7, error: { code } });
  });

  test("of a version that does not exist, with those that do", async () => {
    const version = "2099-01-01";
    const meta = { "io.modelcontextprotocol/protocolVersion": version };
    const refused = await post(modernBody("tools/list", {}, meta), {
      ...modernHeaders("tools/list"),
      "mcp-protocol-version": version,
    });

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({
      id: 7,
      error: {
        code: -32_022,
        data: { supported: expect.arrayContaining([MODERN_VERSION]), requested: version },
      },
    });
  });

  test("without the client's capabilities", async () => {
    const meta = { "io.modelcontextprotocol/clientCapabilities": undefined };
    const refused = await post(modernBody("tools/list", {}, meta), modernHeaders("tools/list"));

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ id: 7, error: { code: -32_602 } });
  });

  test("without any of its own fields", async () => {
    const refused = await post(
      { jsonrpc: "2.0", id: 7, method: "tools/list", params: {} },
      {
        ...modernHeaders("tools/list"),
      },
    );

    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ id: 7, error: { code: -32_602 } });
  });
});
