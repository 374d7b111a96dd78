/** What clients find before they have anything: mcp.md §2.3. */
import { describe, expect, test } from "vitest";
import { fetchWorker, ORIGIN, TOKEN_ORIGIN } from "../../support/worker.ts";

const RESOURCE_METADATA = {
  resource: `${ORIGIN}/mcp`,
  authorization_servers: [ORIGIN],
  scopes_supported: ["aimdb:read"],
  bearer_methods_supported: ["header"],
  resource_name: "AimDB",
};

describe("the protected resource metadata", () => {
  test("is the same, byte for byte, at the path of the resource and at the root", async () => {
    const atPath = await fetchWorker("/.well-known/oauth-protected-resource/mcp");
    const atRoot = await fetchWorker("/.well-known/oauth-protected-resource");
    const text = await atPath.text();

    expect([atPath.status, atRoot.status]).toEqual([200, 200]);
    expect(await atRoot.text()).toBe(text);
    expect(JSON.parse(text)).toEqual(RESOURCE_METADATA);
  });

  test.each(["http://127.0.0.1:8787", "http://[::1]:8787"])(
    "names the canonical address, asked at %s too",
    async (origin) => {
      const response = await fetchWorker(`${origin}/.well-known/oauth-protected-resource/mcp`);

      expect(await response.json()).toEqual(RESOURCE_METADATA);
    },
  );

  test("names the canonical address, whatever headers claim", async () => {
    const response = await fetchWorker("/.well-known/oauth-protected-resource/mcp", {
      headers: {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        "x-original-url": "/evil",
        forwarded: "host=evil.example",
      },
    });

    expect(await response.json()).toEqual(RESOURCE_METADATA);
  });
});

describe("the authorization server metadata", () => {
  const ADDRESS = "/.well-known/oauth-authorization-server";

  test("says what this server can do", async () => {
    const response = await fetchWorker(ADDRESS);

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      issuer: ORIGIN,
      authorization_endpoint: `${ORIGIN}/authorize`,
      token_endpoint: `${ORIGIN}/oauth/token`,
      registration_endpoint: `${ORIGIN}/oauth/register`,
      revocation_endpoint: `${ORIGIN}/oauth/token`,
      scopes_supported: ["aimdb:read", "aimdb:write"],
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: expect.arrayContaining(["none"]),
      authorization_response_iss_parameter_supported: true,
    });
  });

  test.each([
    { setting: "1", isSupported: true },
    { setting: "0", isSupported: false },
  ])("announces client metadata documents as set: $setting", async ({ setting, isSupported }) => {
    const response = await fetchWorker(ADDRESS, {}, { CLIENT_METADATA_DOCUMENTS: setting });

    const { client_id_metadata_document_supported } =
      await response.json<Record<string, unknown>>();
    expect(client_id_metadata_document_supported).toBe(isSupported);
  });
});

const DOCUMENTS = [
  "/.well-known/oauth-protected-resource",
  "/.well-known/oauth-protected-resource/mcp",
  "/.well-known/oauth-authorization-server",
];
const ABSENT = [
  "/.well-known/openid-configuration",
  "/.well-known/openid-configuration/mcp",
  "/.well-known/oauth-authorization-server/mcp",
  "/.well-known/oauth-protected-resource/other",
  "/.well-known/oauth-protected-resource/mcp/",
  "/.well-known/mcp.json",
];

describe("every document", () => {
  test.each(DOCUMENTS)("at %s is JSON without a sign-in, to any page", async (path) => {
    const response = await fetchWorker(path, { headers: { origin: "https://claude.ai" } });

    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  });

  test.each([...DOCUMENTS, ...ABSENT])("at %s may be asked for by a page", async (path) => {
    const response = await fetchWorker(path, {
      method: "OPTIONS",
      headers: {
        origin: "https://claude.ai",
        "access-control-request-method": "GET",
        "access-control-request-headers": "mcp-protocol-version",
      },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-headers")).toContain("mcp-protocol-version");
  });

  test.each(DOCUMENTS)("at %s has a HEAD and takes no POST", async (path) => {
    expect((await fetchWorker(path, { method: "HEAD" })).status).toBe(200);
    expect((await fetchWorker(path, { method: "POST" })).status).toBe(405);
  });
});

describe("what is not there", () => {
  test.each([
    ...ABSENT,
    "//.well-known/oauth-authorization-server",
    "/.well-known/oauth-authorization-server/",
    "/.well-known//oauth-authorization-server",
    "/.WELL-KNOWN/oauth-authorization-server",
    "/.well-known/oauth-authorization-server%2fmcp",
    "/.well-known/oauth-protected-resource/mcp%00",
    "/mcp/.well-known/oauth-protected-resource",
    "/.well-known/oauth-authorization-server;x",
  ])("at %s is answered 404 in JSON, and nowhere else to look", async (path) => {
    const response = await fetchWorker(ORIGIN + path);

    expect(response.status).toBe(404);
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("www-authenticate")).toBeNull();
  });

  test.each([...DOCUMENTS, "/authorize", "/oauth/token", "/oauth/register"])(
    "at the token origin is %s",
    async (path) => {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        expect((await fetchWorker(TOKEN_ORIGIN + path, { method })).status).toBe(404);
      }
    },
  );

  test.each([...DOCUMENTS, "/authorize", "/oauth/token", "/oauth/register"])(
    "at plain HTTP on a network is %s",
    async (path) => {
      const origin = "http://192.0.2.1:8787";

      const response = await fetchWorker(origin + path, {}, { PUBLIC_URL: origin });

      expect(response.status).toBe(404);
    },
  );
});
