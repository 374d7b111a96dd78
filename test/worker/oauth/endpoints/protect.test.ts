/** `/mcp` as a protected resource: mcp.md §2.1, §2.3. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { createSecret } from "../../../../worker/auth/secret.ts";
import { accountOf } from "../../../../worker/account/stub.ts";
import { modernBody, modernHeaders, postMcp, type RpcBody } from "../../support/mcp.ts";
import { connect, statusWith } from "../../support/oauth.ts";
import { inObject, objectIds } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";
import { bearer, bindings, fetchWorker, ORIGIN, TOKEN_ORIGIN } from "../../support/worker.ts";

afterEach(() => reset());

const LIST = { jsonrpc: "2.0", id: 41, method: "tools/list" };
const WRITE = {
  jsonrpc: "2.0",
  id: 41,
  method: "tools/call",
  params: { name: "set_record", arguments: { record_name: "a", value: 1 } },
};
const METADATA = `resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource/mcp"`;

function challengeOf(response: Response): string {
  return response.headers.get("www-authenticate") ?? "";
}

describe("without a token", () => {
  test.each(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD"])(
    "%s is answered 401 with the absolute address of the metadata and the scope",
    async (method) => {
      const response = await fetchWorker("/mcp", { method });

      expect(response.status).toBe(401);
      expect(challengeOf(response)).toBe(`Bearer realm="OAuth", ${METADATA}, scope="aimdb:read"`);
    },
  );

  test.each([
    { name: "server/discover", body: modernBody("server/discover") },
    { name: "initialize", body: { ...LIST, method: "initialize" } },
  ])("$name is answered 401 in JSON-RPC's form", async ({ name, body }) => {
    const response = await postMcp(undefined, body, modernHeaders(name));

    expect(response.status).toBe(401);
    expect(challengeOf(response)).toContain(METADATA);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", error: { code: -32_000 } });
  });

  test("/mcp/ names the same metadata", async () => {
    expect(challengeOf(await fetchWorker("/mcp/"))).toContain(METADATA);
  });

  test("another name of this machine is given the canonical address", async () => {
    expect(challengeOf(await fetchWorker("http://127.0.0.1:8787/mcp"))).toContain(METADATA);
  });

  test("headers that claim another host change nothing", async () => {
    const headers = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https" };

    expect(challengeOf(await fetchWorker("/mcp", { headers }))).toContain(METADATA);
  });
});

describe("a token that is not valid", () => {
  const forged = "ab".repeat(32);

  test.each([
    { name: "text", token: "abc" },
    { name: "a personal token of an invented team", token: createSecret("pat", forged) },
    { name: "an invented grant", token: `${forged}.${forged}:${"g".repeat(16)}:${"s".repeat(32)}` },
    { name: "a JWT of nobody's", token: "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0." },
  ])("such as $name is called invalid, and makes no object", async ({ token }) => {
    const before = await objectIds("TEAM");

    const response = await postMcp(token, LIST);

    expect(response.status).toBe(401);
    expect(challengeOf(response)).toContain('error="invalid_token"');
    expect(challengeOf(response)).toContain(METADATA);
    expect(await objectIds("TEAM")).toEqual(before);
  });

  test("such as one with a changed secret, grant or account opens nothing", async () => {
    const { tokens } = await connect();
    const [user = "", grant = "", secret = ""] = tokens.access_token.split(":");
    const [team = ""] = user.split(".");

    for (const token of [
      `${user}:${grant}:${"x".repeat(secret.length)}`,
      `${user}:${"x".repeat(grant.length)}:${secret}`,
      `${team}.${"a".repeat(64)}:${grant}:${secret}`,
      tokens.access_token.toUpperCase(),
      `${tokens.access_token} `.repeat(2).trim(),
    ]) {
      expect(await statusWith(token)).toBe(401);
    }
    expect(await statusWith(tokens.refresh_token)).toBe(401);
  });

  test("such as one in the query is not looked at", async () => {
    const { tokens } = await connect();

    for (const name of ["access_token", "token", "bearer"]) {
      const address = `/mcp?${name}=${encodeURIComponent(tokens.access_token)}`;
      expect((await postMcp(undefined, LIST, {}, address)).status).toBe(401);
    }
  });

  test("such as one for another resource opens nothing", async () => {
    const { tokens, team } = await connect();
    await inObject("TEAM", team, ({ storage: { sql } }) => {
      sql.exec(
        "UPDATE oauth_entry SET value = replace(value, ?, ?) WHERE key GLOB 'token:*'",
        `"audience":"${ORIGIN}/mcp"`,
        '"audience":"https://other.example/mcp"',
      );
    });

    expect(await statusWith(tokens.access_token)).toBe(401);
  });

  test("such as one that has ended opens nothing", async () => {
    const { tokens, team } = await connect();
    await inObject("TEAM", team, ({ storage: { sql } }) => {
      sql.exec("UPDATE oauth_entry SET expires_at = 1 WHERE key GLOB 'token:*'");
    });

    expect(await statusWith(tokens.access_token)).toBe(401);
  });

  test("such as one of OAuth opens nothing at the token origin", async () => {
    const { tokens } = await connect();

    const response = await postMcp(tokens.access_token, LIST, {}, `${TOKEN_ORIGIN}/mcp`);

    expect(response.status).toBe(401);
    expect(challengeOf(response)).toBe("Bearer");
  });
});

describe("a token of somebody", () => {
  test("who left the team gives no access at the next call", async () => {
    const { tokens, team, person } = await connect();
    await inObject("TEAM", team, ({ storage: { sql } }) => {
      sql.exec("DELETE FROM member WHERE account = ?", person.accountId);
    });

    expect(await statusWith(tokens.access_token)).toBe(401);
  });

  test("who now may only read does not write, despite their consent", async () => {
    const { tokens, team } = await connect({ scope: "aimdb:read aimdb:write" });
    await inObject("TEAM", team, ({ storage: { sql } }) => {
      sql.exec("UPDATE member SET role = 'viewer'");
    });

    expect(await statusWith(tokens.access_token)).toBe(200);
    expect((await postMcp(tokens.access_token, WRITE)).status).toBe(403);
  });

  test("is not ended by the end of their browser session", async () => {
    const { tokens, person } = await connect();
    await accountOf(bindings, person.accountId)?.endSessions();

    expect(await statusWith(tokens.access_token)).toBe(200);
  });
});

describe("a client that may only read", () => {
  const EXPECTED = {
    jsonrpc: "2.0",
    id: 41,
    error: { code: -32_000, message: expect.stringContaining("aimdb:write") },
  };

  test.each([
    { era: "legacy", body: WRITE, headers: {} },
    {
      era: "modern",
      body: { ...modernBody("tools/call", WRITE.params), id: 41 },
      headers: modernHeaders("tools/call", "set_record"),
    },
  ])("is told all scopes that a write takes: $era", async ({ body, headers }) => {
    const { tokens } = await connect();

    const response = await postMcp(tokens.access_token, body, headers);

    expect(response.status).toBe(403);
    expect(challengeOf(response)).toContain('Bearer realm="OAuth", error="insufficient_scope"');
    expect(challengeOf(response)).toContain('scope="aimdb:read aimdb:write"');
    expect(challengeOf(response)).toContain(METADATA);
    expect(await response.json()).toEqual(EXPECTED);
  });

  test("is told so for a batch with a write in it", async () => {
    const { tokens } = await connect();

    const version = { "mcp-protocol-version": "2025-03-26" };
    expect((await postMcp(tokens.access_token, [LIST, WRITE], version)).status).toBe(403);
  });

  test("that was allowed to write is let through to the tool", async () => {
    const { tokens } = await connect({ scope: "aimdb:read aimdb:write" });

    const response = await postMcp(tokens.access_token, WRITE);

    expect(response.status).toBe(200);
    const { result } = await response.json<RpcBody>();
    expect(result.structuredContent.error.code).not.toBe("insufficient_scope");
  });

  test("by a personal token is told so by the tool", async () => {
    const token = await (await createTeam()).accessToken(["aimdb:read"]);

    const response = await postMcp(token, WRITE);

    expect(response.status).toBe(200);
    const { result } = await response.json<RpcBody>();
    expect(result).toMatchObject({
      isError: true,
      structuredContent: { error: { code: "insufficient_scope", required_scope: "aimdb:write" } },
    });
  });
});

test("a page of ours may read the challenges", async () => {
  const response = await fetchWorker("/mcp", { headers: { ...bearer("x"), origin: ORIGIN } });

  expect(response.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(response.headers.get("access-control-expose-headers")).toContain("WWW-Authenticate");
});

test("an installation at plain HTTP on a network takes personal tokens only", async () => {
  const settings = { PUBLIC_URL: "http://192.0.2.1:8787" };
  const init = { method: "POST", body: JSON.stringify(LIST) };

  const response = await fetchWorker("http://192.0.2.1:8787/mcp", init, settings);

  expect(response.status).toBe(401);
  expect(challengeOf(response)).toBe("Bearer");
});
