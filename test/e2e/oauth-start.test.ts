/** OAuth of `npm start`: the bundle in workerd, state on disk, an issuer on this machine. */
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimPort } from "../../worker/selfhost/settings/ports.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import {
  connectByOAuth,
  MemoryProvider,
  reconnectByOAuth,
} from "../support/clients/oauth-client.ts";
import { invitePerson } from "../support/browser/people.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import type { WebBrowser } from "../support/browser/web-browser.ts";

interface StartLine {
  readonly mcpUrl: string;
  readonly tokenMcpUrl: string;
  readonly dashboardUrl: string;
  readonly adminToken: string;
}

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" });

let folder: string;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let issuer: Server;
let issuerUrl: string;
let port: number;
let server: NpmProcess;
let line: StartLine;
let team: string;
let browser: WebBrowser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-oauth-"));
  keys = await generateKeyPair("ES256");
  const shown = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "one" }] });
  issuer = createServer((_request, response) => response.end(shown)).listen(0, "127.0.0.1");
  await new Promise((resolve) => issuer.once("listening", resolve));
  issuerUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  port = (await claimPort("127.0.0.1", 0)) ?? 0;
  line = await start();
  const created = await postAdmin(at("/api/v1/teams"), { name: "plant" }, line.adminToken);
  team = ((await created.json()) as { id: string }).id;
  await server.end("npm");
  // The team's id was not known before there was one.
  const { mcpUrl, tokenMcpUrl } = await start({ EXTERNAL_ISSUER: externalIssuer() });
  line = { ...line, mcpUrl, tokenMcpUrl };
  browser = await invitePerson(at("/"), line.adminToken, { team });
});

afterAll(async () => {
  await server?.end("npm").catch(() => {});
  issuer?.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<StartLine> {
  const args = ["--port", String(port), "--state", folder, "--egress", "public", "--json"];
  server = new NpmProcess("start", args, environment);
  return server.firstLine<StartLine>();
}

function at(path: string): URL {
  return new URL(path, line.dashboardUrl);
}

function externalIssuer(): string {
  return JSON.stringify({
    issuer: issuerUrl,
    jwks_url: `${issuerUrl}/keys`,
    audiences: [line.mcpUrl],
    team: { claim: "org", values: { plant: team } },
    role: "viewer",
  });
}

async function call(token: string, url = line.mcpUrl): Promise<number> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: LIST,
  });
  await response.body?.cancel();
  return response.status;
}

test("discovery names the canonical address, and the token port has none", async () => {
  const [resource, metadata, atToken] = await Promise.all([
    fetch(at("/.well-known/oauth-protected-resource/mcp")),
    fetch(at("/.well-known/oauth-authorization-server")),
    fetch(new URL("/.well-known/oauth-protected-resource/mcp", line.tokenMcpUrl)),
  ]);

  expect(await resource.json()).toMatchObject({ resource: line.mcpUrl });
  expect(await metadata.json()).toMatchObject({
    issuer: at("/").origin,
    client_id_metadata_document_supported: true,
  });
  expect(atToken.status).toBe(404);
});

test("a client stays connected when the process starts anew", async () => {
  const provider = new MemoryProvider();
  const { client } = await connectByOAuth(new URL(line.mcpUrl), browser, provider);
  await client.close();
  const before = provider.saved?.access_token ?? "";
  expect(await call(before)).toBe(200);

  await server.end("npm");
  await start({ EXTERNAL_ISSUER: externalIssuer() });

  expect(await call(before)).toBe(200);
  const again = await reconnectByOAuth(new URL(line.mcpUrl), provider);
  expect((await again.client.listTools()).tools.length).toBeGreaterThan(0);
  await again.client.close();
});

describe("a JWT of the configured issuer", () => {
  function sign(claims: object = {}): Promise<string> {
    return new SignJWT({ org: "plant", ...claims })
      .setProtectedHeader({ alg: "ES256", kid: "one", typ: "at+jwt" })
      .setIssuer(issuerUrl)
      .setAudience(line.mcpUrl)
      .setSubject("ada")
      .setIssuedAt()
      .setExpirationTime("1h")
      .sign(keys.privateKey);
  }

  test("opens the team it is mapped to, and nothing where it is not", async () => {
    expect(await call(await sign())).toBe(200);
    expect(await call(await sign({ org: "other" }))).toBe(401);
    expect(await call(await sign(), line.tokenMcpUrl)).toBe(401);
  });

  test("opens nothing once its person is turned away", async () => {
    const token = await sign();
    expect(await call(token)).toBe(200);
    const headers = { authorization: `Bearer ${line.adminToken}` };
    const listed = await fetch(at(`/api/v1/external-subjects?team=${team}`), { headers });
    const { external_subjects } = (await listed.json()) as { external_subjects: { id: string }[] };

    const blocked = await fetch(at(`/api/v1/external-subjects/${external_subjects[0]?.id}`), {
      method: "PATCH",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ team, blocked: true }),
    });

    expect(blocked.status).toBe(204);
    expect(await call(token)).toBe(401);
  });
});

test("a client id that points into this machine is not asked for", async () => {
  let connections = 0;
  const listener = createTcpServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port: listening } = listener.address() as AddressInfo;

  for (const host of ["127.0.0.1", "localhost", "a.localhost", "[::1]", "2130706433"]) {
    const address = at("/authorize");
    address.searchParams.set("client_id", `https://${host}:${listening}/client.json`);
    address.searchParams.set("redirect_uri", "https://client.example/callback");
    address.searchParams.set("response_type", "code");
    expect((await browser.get(address)).status).toBe(400);
  }
  listener.close();

  expect(connections).toBe(0);
});
