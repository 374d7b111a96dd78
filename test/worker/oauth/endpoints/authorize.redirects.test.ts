/** Where `/authorize` sends people, and where it never does. */
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Browser } from "../../support/browser.ts";
import {
  authorizePath,
  CALLBACK,
  consent,
  createPkce,
  exchange,
  registerClient,
  statusWith,
  type Pkce,
  type Tokens,
} from "../../support/oauth.ts";
import { addToTeam, createPerson, signedIn } from "../../support/person.ts";
import { createTeam } from "../../support/team.ts";
import { ORIGIN } from "../../support/worker.ts";

let browser: Browser;
let clientId: string;
let pkce: Pkce;

beforeEach(async () => {
  const person = await createPerson();
  await addToTeam(person, (await createTeam("plant")).id, "operator");
  browser = await signedIn(person);
  clientId = await registerClient();
  pkce = await createPkce();
});

afterEach(() => reset());

function path(change: Record<string, string | undefined> = {}): string {
  return authorizePath(clientId, pkce.challenge, change);
}

async function tokensFor(landed: URL, change: Record<string, string> = {}): Promise<Tokens> {
  const code = landed.searchParams.get("code") ?? "";
  const response = await exchange({ clientId, code, verifier: pkce.verifier }, change);
  expect(response.status).toBe(200);
  return response.json<Tokens>();
}

describe("a request that names", () => {
  test.each([
    { name: "no client", change: { client_id: undefined } },
    { name: "an unknown client", change: { client_id: "nobody" } },
    { name: "no redirect address", change: { redirect_uri: undefined } },
    { name: "another redirect address", change: { redirect_uri: "https://evil.example/" } },
    { name: "a longer one", change: { redirect_uri: `${CALLBACK}/more` } },
    { name: "one with a user", change: { redirect_uri: "http://a@127.0.0.1:33418/callback" } },
    {
      name: "a loopback name for another",
      change: { redirect_uri: "http://localhost:1/callback" },
    },
    { name: "a script", change: { redirect_uri: "javascript:alert(1)" } },
  ])("$name is explained here and led nowhere", async ({ change }) => {
    const response = await browser.get(path(change));

    expect(response.status).toBe(400);
    expect(response.headers.get("location")).toBeNull();
    expect(await response.text()).not.toContain("evil.example");
  });

  test.each([
    { error: "invalid_target", change: { resource: "https://other.example/mcp" } },
    { error: "invalid_target", change: { resource: `${ORIGIN}/` } },
    { error: "invalid_request", change: { code_challenge: undefined } },
    { error: "invalid_request", change: { code_challenge_method: "plain" } },
    { error: "unsupported_response_type", change: { response_type: "token" } },
  ])("something else wrong is told to the client: $error", async ({ error, change }) => {
    for (const by of [browser, new Browser()]) {
      const response = await by.get(path(change));

      expect(response.status).toBe(302);
      const landed = new URL(response.headers.get("location") ?? "");
      expect(landed.origin + landed.pathname).toBe(CALLBACK);
      expect(landed.searchParams.get("error")).toBe(error);
      expect(landed.searchParams.get("state")).toBe("the-state");
      expect(landed.searchParams.get("iss")).toBe(ORIGIN);
    }
  });

  test.each([
    { name: "no PKCE", change: { code_challenge: undefined, code_challenge_method: undefined } },
    { name: "a challenge that no verifier has", change: { code_challenge: "x" } },
  ])("$name gets no code, even with a client that has a secret", async ({ change }) => {
    for (const token_endpoint_auth_method of ["none", "client_secret_basic"]) {
      clientId = await registerClient({ token_endpoint_auth_method });

      const response = await browser.get(path(change));

      const landed = new URL(response.headers.get("location") ?? "");
      expect(landed.searchParams.get("error")).toBe("invalid_request");
      expect(landed.searchParams.get("state")).toBe("the-state");
      expect(landed.searchParams.get("iss")).toBe(ORIGIN);
      expect(landed.searchParams.get("code")).toBeNull();
    }
  });

  test("it to a host that just registered leads a stranger to the sign-in only", async () => {
    const redirect_uri = "https://registered.example/callback";
    clientId = await registerClient({ redirect_uris: [redirect_uri] });

    const response = await new Browser().get(path({ redirect_uri, response_type: "token" }));

    expect(response.headers.get("location")).toMatch(/^\/login\?next=/);
  });

  test("it to a host that just registered leads a person there only by a link", async () => {
    const redirect_uri = "https://registered.example/callback";
    clientId = await registerClient({ redirect_uris: [redirect_uri] });

    const response = await browser.get(path({ redirect_uri, response_type: "token" }));
    const text = await response.text();

    expect([response.status, response.headers.get("location")]).toEqual([400, null]);
    const [, href = ""] =
      /href="(https:[^"]*)"[^>]*>\s*Go on to registered\.example/.exec(text) ?? [];
    const linked = new URL(href.replaceAll("&amp;", "&"));
    expect(linked.origin + linked.pathname).toBe(redirect_uri);
    expect(linked.searchParams.get("error")).toBe("unsupported_response_type");
    expect(linked.searchParams.get("state")).toBe("the-state");
  });

  test("no resource gets a token for this one", async () => {
    const landed = await consent(browser, path({ resource: undefined }));

    expect(await tokensFor(landed)).toMatchObject({ resource: `${ORIGIN}/mcp` });
  });
});

describe("the redirect address", () => {
  test.each([
    "https://claude.ai/api/mcp/auth_callback",
    "https://claude.com/api/mcp/auth_callback",
    "https://chatgpt.com/connector_platform_oauth_redirect",
    "https://chatgpt.com/connector/oauth/abc123",
    "https://vscode.dev/redirect",
    "https://insiders.vscode.dev/redirect",
    "http://127.0.0.1:33418/",
    "http://127.0.0.1/",
    "http://localhost:33418/callback",
    "http://[::1]:33418/callback",
    "http://localhost:6276/oauth/callback",
    "cursor://anysphere.cursor-mcp/oauth/callback",
  ])("may be %s", async (redirect_uri) => {
    clientId = await registerClient({ redirect_uris: [redirect_uri] });

    const landed = await consent(browser, path({ redirect_uri }));

    expect(landed.href.startsWith(new URL(redirect_uri).href)).toBe(true);
    const { access_token } = await tokensFor(landed, { redirect_uri });
    expect(await statusWith(access_token)).toBe(200);
  });

  test.each(["http://127.0.0.1:50123/callback", "http://127.0.0.1/callback"])(
    "on this machine may have any port: %s",
    async (redirect_uri) => {
      const landed = await consent(browser, path({ redirect_uri }));

      expect(landed.host).toBe(new URL(redirect_uri).host);
      expect(await tokensFor(landed, { redirect_uri })).toMatchObject({ scope: "aimdb:read" });
    },
  );
});
