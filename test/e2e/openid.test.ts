/** Signing in by way of a real OpenID provider, through the real pages of `npm start`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimPort } from "../../worker/selfhost/settings/ports.ts";
import { NpmProcess } from "../support/processes/npm-process.ts";
import {
  CLIENT_ID,
  CLIENT_SECRET,
  OpenIdServer,
  type OpenIdPerson,
} from "../support/openid/openid-server.ts";
import { postAdmin } from "../support/clients/admin-api.ts";
import { WebBrowser, type Visit } from "../support/browser/web-browser.ts";

interface StartLine {
  readonly dashboardUrl: string;
  readonly adminToken: string;
}

let folder: string;
let provider: OpenIdServer;
let server: NpmProcess;
let line: StartLine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "aimdb-openid-"));
  const port = await claimPort("127.0.0.1", 0);
  provider = await OpenIdServer.start(`http://127.0.0.1:${port}/login/provider/callback`);
  server = new NpmProcess("start", ["--port", String(port), "--state", folder, "--json"], {
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT_ID,
    OIDC_CLIENT_SECRET: CLIENT_SECRET,
    OIDC_DOMAINS: "example.com, example.org",
    OIDC_NAME: "Plant ID",
  });
  line = await server.firstLine<StartLine>();
});

afterAll(async () => {
  await server?.end("npm").catch(() => {});
  await provider?.close();
  await rm(folder, { recursive: true, force: true });
});

const page = (path: string) => new URL(path, line.dashboardUrl);

async function invite(body: object): Promise<string> {
  const response = await postAdmin(page("/api/v1/invitations"), body, line.adminToken);
  return ((await response.json()) as { url: string }).url;
}

/** Through the provider's own pages: who are you, and do you agree. */
async function signInAtProvider(
  browser: WebBrowser,
  start: string | URL,
  sub: string,
): Promise<Visit> {
  let visit = await browser.get(start);
  for (const fields of [{ prompt: "login", login: sub, password: "any" }, { prompt: "consent" }]) {
    if (!visit.url.href.startsWith(provider.issuer)) return visit;
    visit = await browser.post(visit.url, fields);
  }
  return visit;
}

async function teamsOf(browser: WebBrowser): Promise<unknown> {
  const cookie = [...browser.cookies(page("/").origin)].map((pair) => pair.join("=")).join("; ");
  return (await fetch(page("/api/v1/teams"), { headers: { cookie } })).json();
}

async function joined(sub: string, person: OpenIdPerson, invitation: object) {
  provider.people.set(sub, person);
  const browser = new WebBrowser();
  const link = await invite(invitation);
  return { browser, link, visit: await signInAtProvider(browser, `${link}/provider`, sub) };
}

const ADA = { email: "ada@example.com", email_verified: true, name: "Ada L." };

describe("an OpenID provider that is configured", () => {
  test("is offered where people sign in and come in", async () => {
    const browser = new WebBrowser();
    const link = await invite({ role: "viewer" });

    for (const address of [page("/login"), new URL(link)]) {
      expect((await browser.get(address)).text).toContain("Continue with Plant ID");
    }
  });

  test("lets the invited person in, and later signs them in without another invitation", async () => {
    const { browser, visit } = await joined("ada", ADA, { role: "operator", email: ADA.email });
    const again = new WebBrowser();
    const later = await signInAtProvider(again, page("/login/provider?next=/health"), "ada");

    expect([visit.status, visit.url.pathname]).toEqual([200, "/"]);
    expect(await teamsOf(browser)).toMatchObject({ teams: [{ role: "operator" }] });
    expect([later.status, later.url.pathname]).toEqual([200, "/health"]);
    expect(await teamsOf(again)).toMatchObject({ teams: [{ role: "operator" }] });
  });

  test.each([
    {
      to: "a client's consent page",
      next: "/authorize?client_id=a.b&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb.html&state=x.y",
    },
    { to: "a write's page", next: `/confirm/${"ab".repeat(32)}.${"cd".repeat(16)}` },
  ])("leads on to $to, dots and all", async ({ to, next }) => {
    const { browser } = await joined(to, { ...ADA, email: `${next.length}@example.com` }, {});

    const visit = await browser.get(page(`/login/provider?next=${encodeURIComponent(next)}`));

    expect(visit.url.href).toBe(page(next).href);
  });

  test("is asked for a new sign-in by who has to show again who they are", async () => {
    const { browser } = await joined("cleo", { ...ADA, email: "cleo@example.com" }, {});
    const login = await browser.get(page("/login?again=1&next=/health"));
    const known = await browser.get(page("/login/provider?next=/health"));

    const asked = await browser.get(page("/login/provider?next=/health&again=1"));

    expect(login.text).toContain("/login/provider?next=%2Fhealth&amp;again=1");
    expect(known.url.pathname).toBe("/health");
    expect(asked.url.href).toContain(provider.issuer);
    const back = await signInAtProvider(browser, asked.url, "cleo");
    expect([back.status, back.url.pathname]).toEqual([200, "/health"]);
  });

  test("can't ask again by a provider that does not say when people signed in", async () => {
    const { browser } = await joined("dan", { ...ADA, email: "dan@example.com" }, {});
    const before = await teamsOf(browser);
    provider.isDeaf = true;

    const refused = await browser.get(page("/login/provider?next=/health&again=1"));
    const plain = await browser.get(page("/login/provider?next=/health"));
    provider.isDeaf = false;

    expect(refused.status).toBe(400);
    expect(refused.text).toContain("signed in there within 15 minutes");
    expect(await teamsOf(browser)).toEqual(before);
    expect(plain.url.pathname).toBe("/health");
  });

  test.each([
    {
      why: "an address that is not verified",
      person: { email: "bob@example.com", email_verified: false },
      says: "verified",
    },
    { why: "no address", person: {}, says: "verified" },
    {
      why: "an address of a domain that is not listed",
      person: { email: "bob@elsewhere.example", email_verified: true },
      says: "domain",
    },
    {
      why: "an address of a domain that only ends like a listed one",
      person: { email: "bob@notexample.com", email_verified: true },
      says: "domain",
    },
    {
      why: "another address than the invitation's",
      person: { email: "eve@example.com", email_verified: true },
      says: "another e-mail",
    },
  ])("lets nobody in with $why, and the invitation stays open", async ({ why, person, says }) => {
    const { browser, link, visit } = await joined(why, person, { email: "bob@example.com" });

    expect(visit.status).toBe(403);
    expect(visit.text).toContain(says);
    expect(await teamsOf(browser)).toMatchObject({ error: { code: "unauthorized" } });
    expect((await browser.get(link)).status).toBe(200);
  });

  test("signs nobody in whose address has an account, but whose identity has none", async () => {
    const password = new WebBrowser();
    await password.post(await invite({}), {
      name: "Carla",
      email: "carla@example.com",
      password: "correct horse battery",
    });
    const carla = { email: "carla@example.com", email_verified: true };
    const { browser, visit } = await joined("not-carla", carla, { role: "owner" });

    expect(await teamsOf(password)).toMatchObject({ teams: [{ role: "viewer" }] });
    expect(visit.text).toContain("There is an account with this address");
    expect(await teamsOf(browser)).toMatchObject({ error: { code: "unauthorized" } });
  });

  test("signs nobody in without an invitation", async () => {
    provider.people.set("mallory", { email: "mallory@example.com", email_verified: true });
    const browser = new WebBrowser();
    const visit = await signInAtProvider(browser, page("/login/provider"), "mallory");

    expect(visit.status).toBe(403);
    expect(await teamsOf(browser)).toMatchObject({ error: { code: "unauthorized" } });
  });

  test("is believed once for each sign-in, by the browser that began it", async () => {
    provider.people.set("dora", { ...ADA, email: "dora@example.com" });
    const [victim, attacker] = [new WebBrowser(), new WebBrowser()];
    const callback = await callbackFor(attacker, "dora");

    const injected = await victim.get(callback);
    const own = await attacker.get(callback);
    const replayed = await attacker.get(callback);

    expect(injected.status).toBe(400);
    expect(own.status).toBe(403);
    expect(replayed.status).toBe(400);
  });

  test("is not believed with another state, nor with an error", async () => {
    for (const change of ["state=other", "error=access_denied"]) {
      const browser = new WebBrowser();
      const callback = await callbackFor(browser, "ada");
      const [name = "", value = ""] = change.split("=");
      callback.searchParams.set(name, value);

      expect((await browser.get(callback)).status).toBe(400);
    }
  });
});

/** The address that the provider sends the browser to, not gone to yet. */
async function callbackFor(browser: WebBrowser, sub: string): Promise<URL> {
  const before = browser.stopAt;
  browser.stopAt = "/login/provider/callback";
  const visit = await signInAtProvider(browser, page("/login/provider"), sub);
  browser.stopAt = before;
  return visit.url;
}
