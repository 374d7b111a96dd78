import { reset } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { afterEach, describe, expect, test } from "vitest";
import { postMcp, type RpcBody } from "./support/mcp.ts";
import { createTeam } from "./support/team.ts";
import { fetchWorker, ORIGIN, TOKEN_ORIGIN } from "./support/worker.ts";

afterEach(() => reset());

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  },
};

test("the Worker's entry serves the routes", async () => {
  const response = await exports.default.fetch(`${ORIGIN}/health`);

  expect(await response.json()).toEqual({ status: "ok" });
});

describe("/health", () => {
  test.each([ORIGIN, TOKEN_ORIGIN, "http://192.0.2.7", "http://anything.example"])(
    "says ok at %s, and no more",
    async (origin) => {
      const response = await fetchWorker(`${origin}/health`);

      expect(response.status).toBe(200);
      expect(await response.text()).toBe('{"status":"ok"}');
    },
  );
});

describe("another host", () => {
  test.each(["/", "/relay", "/relay/enroll", "/api/v1/teams", "/nothing"])(
    "is answered 421 at %s",
    async (path) => {
      const response = await fetchWorker(`http://evil.example${path}`);

      expect(response.status).toBe(421);
      expect(await response.json()).toMatchObject({ error: { code: "misdirected" } });
    },
  );

  test.each(["/mcp", "/mcp/"])("is answered 421 in JSON-RPC's form at %s", async (path) => {
    const team = await createTeam();

    const response = await postMcp(
      await team.accessToken(),
      INITIALIZE,
      {},
      `http://evil.example${path}`,
    );

    expect(response.status).toBe(421);
    expect(await response.json()).toMatchObject({
      jsonrpc: "2.0",
      id: 1,
      error: { code: -32_000 },
    });
  });

  test("is not believed in a forwarded header", async () => {
    const response = await fetchWorker("http://evil.example/", {
      headers: { "x-forwarded-host": "localhost:8787", forwarded: "host=localhost:8787" },
    });

    expect(response.status).toBe(421);
  });

  test("is answered 421 if the request names none", async () => {
    const response = await exports.default.fetch(`${ORIGIN}/`);

    expect(response.status).toBe(421);
  });
});

describe("the token origin", () => {
  test.each(["/mcp", "/mcp/"])("serves MCP at %s", async (path) => {
    const token = await (await createTeam()).accessToken();

    const response = await postMcp(token, INITIALIZE, {}, TOKEN_ORIGIN + path);

    expect(response.status).toBe(200);
    expect(await response.json<RpcBody>()).toMatchObject({
      result: { protocolVersion: "2025-11-25" },
    });
  });

  test.each([
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/mcp",
    "/.well-known/openid-configuration",
    "/mcp/.well-known/openid-configuration",
    "/",
    "/relay",
    "/relay/enroll",
    "/api/v1/teams",
    "/api/v1/join-tokens",
    "/mcp/x",
    "/MCP",
  ])("answers 404 at %s", async (path) => {
    for (const method of ["GET", "POST"]) {
      const response = await fetchWorker(TOKEN_ORIGIN + path, { method });
      expect(response.status).toBe(404);
      expect(response.headers.get("www-authenticate")).toBeNull();
    }
  });

  test("is the one that is set", async () => {
    const settings = { TOKEN_URL: "http://other.example" };
    const own = await fetchWorker("http://other.example/", {}, settings);
    const usual = await fetchWorker(`${TOKEN_ORIGIN}/mcp`, {}, settings);

    expect([own.status, usual.status]).toEqual([404, 421]);
  });
});

describe("the main origin", () => {
  test("shows a page that its own content security policy allows", async () => {
    const response = await fetchWorker("/");
    const page = await response.text();

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = response.headers.get("content-security-policy") ?? "";
    const [, nonce] = /style-src 'nonce-([0-9a-f]{32})'/.exec(policy) ?? [];
    expect(page).toContain(`<style nonce="${nonce}">`);
    expect(page).toContain(`${ORIGIN}/mcp`);
    expect(page).toContain(`${TOKEN_ORIGIN}/mcp`);
  });

  test("has another nonce for each page", async () => {
    const policies = [await fetchWorker("/"), await fetchWorker("/")].map(({ headers }) =>
      headers.get("content-security-policy"),
    );

    expect(policies[0]).not.toBe(policies[1]);
  });

  test.each(["/nothing", "/.well-known/nothing", "/mcp/x"])(
    "answers 404 in JSON at %s",
    async (path) => {
      const response = await fetchWorker(path);

      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
    },
  );
});

test("a browser is shown a page for what does not exist", async () => {
  const response = await fetchWorker("/nothing", { headers: { accept: "text/html,*/*;q=0.8" } });

  expect(response.status).toBe(404);
  expect(await response.text()).toContain("<h1>There is nothing here</h1>");
});

test("a failure of the Worker is answered 500 without its cause", async () => {
  const response = await fetchWorker("/", {}, { PUBLIC_URL: "not an address" });

  expect(response.status).toBe(500);
  expect(await response.json()).toEqual({
    error: { code: "internal", message: "The worker failed. Its log has the reason." },
  });
});
