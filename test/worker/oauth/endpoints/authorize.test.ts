import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { consentFields } from "../../../support/browser/consent-fields.ts";
import { Browser } from "../../support/browser.ts";
import {
  authorizePath,
  CALLBACK,
  connect,
  consent,
  createPkce,
  exchange,
  registerClient,
  statusWith,
  type Pkce,
  type Tokens,
} from "../../support/oauth.ts";
import { dumpOf, objectIds } from "../../support/objects.ts";
import {
  addToTeam,
  createPerson,
  PASSWORD,
  signedIn,
  signIn,
  type TestPerson,
} from "../../support/person.ts";
import { createTeam } from "../../support/team.ts";
import { fetchWorker, ORIGIN } from "../../support/worker.ts";

let team: string;
let person: TestPerson;
let browser: Browser;
let clientId: string;
let pkce: Pkce;

beforeEach(async () => {
  team = (await createTeam("plant")).id;
  person = await createPerson();
  await addToTeam(person, team, "operator");
  browser = await signedIn(person);
  clientId = await registerClient();
  pkce = await createPkce();
});

afterEach(() => reset());

function path(change: Record<string, string | undefined> = {}): string {
  return authorizePath(clientId, pkce.challenge, change);
}

async function pageAt(address: string, by = browser): Promise<string> {
  const response = await by.get(address);
  expect(response.status).toBe(200);
  return response.text();
}

async function tokensFor(landed: URL, change: Record<string, string> = {}): Promise<Tokens> {
  const code = landed.searchParams.get("code") ?? "";
  const response = await exchange({ clientId, code, verifier: pkce.verifier }, change);
  expect(response.status).toBe(200);
  return response.json<Tokens>();
}

describe("a person who has not signed in", () => {
  test("signs in first and comes back to the same request", async () => {
    const someone = await createPerson();
    await addToTeam(someone, team, "viewer");
    const stranger = new Browser();

    const response = await stranger.get(path());

    expect(response.status).toBe(303);
    const location = response.headers.get("location") ?? "";
    expect(location).toMatch(/^\/login\?next=%2Fauthorize%3F/);
    const signedIn = await stranger.post(location, {
      email: someone.email,
      password: PASSWORD,
    });
    expect(signedIn.headers.get("location")).toBe(path());
    expect(await pageAt(path(), stranger)).toContain("Test Client");
  });

  test("can't decide", async () => {
    const fields = consentFields(await pageAt(path()));

    const response = await new Browser().post("/authorize", { ...fields, decision: "allow" });

    expect(response.status).toBe(401);
  });

  test("is stopped after 60 requests in a minute", async () => {
    const stranger = new Browser({}, "203.0.113.9");
    let last = 0;
    for (let i = 0; i < 61; i += 1) last = (await stranger.get("/authorize")).status;

    expect(last).toBe(429);
  });
});

describe("the consent page", () => {
  test("shows who asks, where the answer goes, the team and the scopes", async () => {
    const page = await pageAt(path({ scope: "aimdb:read aimdb:write" }));

    expect(page).toContain("Claims to be");
    expect(page).toContain("Test Client");
    expect(page).toContain("127.0.0.1:33418");
    expect(page).toContain("not verified");
    expect(page).toContain("<strong>plant</strong>");
    expect(page).toContain("aimdb:read");
    expect(page).toContain("aimdb:write");
  });

  test("warns of a client on this machine, and only of one", async () => {
    const remote = "https://claude.ai/api/mcp/auth_callback";
    clientId = await registerClient({ redirect_uris: [CALLBACK, remote] });

    expect(await pageAt(path())).toContain("your own computer");
    expect(await pageAt(path({ redirect_uri: remote }))).not.toContain("your own computer");
  });

  test("can't be framed, loads nothing, and lets its form lead to the client", async () => {
    const { headers } = await browser.get(path());
    const policy = headers.get("content-security-policy") ?? "";

    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain("form-action");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("escapes what the client says of itself", async () => {
    clientId = await registerClient({ client_name: '<img src=x onerror="alert(1)">' });

    const page = await pageAt(path());

    expect(page).not.toContain("<img");
    expect(page).toContain("&lt;img");
  });

  test("does not offer what was not asked for", async () => {
    expect(await pageAt(path())).not.toContain('name="write"');
    expect(await pageAt(path({ scope: "openid aimdb:admin offline_access" }))).not.toContain(
      'name="write"',
    );
  });

  test("asks again each time", async () => {
    await consent(browser, path());

    expect(await pageAt(path())).toContain("Allow");
  });

  test("stores nothing for a stranger", async () => {
    const stored = async () => {
      const dumps = (await objectIds("OAUTH_SHARD")).map((id) => dumpOf("OAUTH_SHARD", id));
      return (await Promise.all(dumps)).filter((dump) => dump !== "[]").sort();
    };
    const before = await stored();

    await new Browser().get(path());
    await new Browser().get("/authorize?client_id=abc");

    expect(await stored()).toEqual(before);
    await browser.get(path());
    expect(await stored()).not.toEqual(before);
  });
});

describe("allowing", () => {
  test("sends the person back with a code, the state and the issuer", async () => {
    const landed = await consent(browser, path());

    expect(landed.href.startsWith(`${CALLBACK}?`)).toBe(true);
    expect(landed.searchParams.get("state")).toBe("the-state");
    expect(landed.searchParams.get("iss")).toBe(ORIGIN);
    expect(await statusWith((await tokensFor(landed)).access_token)).toBe(200);
  });

  test("may leave writing out", async () => {
    const asked = path({ scope: "aimdb:read aimdb:write" });
    const fields = consentFields(await pageAt(asked));
    expect(fields).toHaveProperty("write", "1");
    delete fields["write"];

    const response = await browser.post("/authorize", { ...fields, decision: "allow" });

    const landed = new URL(response.headers.get("location") ?? "");
    expect(await tokensFor(landed)).toMatchObject({ scope: "aimdb:read" });
  });

  test("never gives more than was asked for", async () => {
    const landed = await consent(browser, path(), { write: "1" });

    expect(await tokensFor(landed)).toMatchObject({ scope: "aimdb:read" });
  });

  test.each([
    { role: "viewer", scope: "aimdb:read" },
    { role: "operator", scope: "aimdb:read aimdb:write" },
    { role: "owner", scope: "aimdb:read aimdb:write" },
  ] as const)("as $role gives $scope at most", async ({ role, scope }) => {
    const { tokens } = await connect({ role, scope: "aimdb:read aimdb:write aimdb:admin" });

    expect(tokens).toMatchObject({ scope });
  });

  test("takes the team that is chosen, of one's own", async () => {
    const other = (await createTeam("depot")).id;
    await addToTeam(person, other, "viewer");
    const page = await pageAt(path());
    expect(page).toContain("depot");
    expect(consentFields(page)).not.toHaveProperty("team");

    const { access_token: token } = await tokensFor(
      await consent(browser, path(), { team: other }),
    );

    expect(token.startsWith(`${other}.${person.accountId}:`)).toBe(true);
  });

  test("in a team of others is refused, as in one that does not exist", async () => {
    const foreign = (await createTeam("foreign")).id;
    const fields = consentFields(await pageAt(path()));
    const answers = [];
    for (const chosen of [foreign, "ab".repeat(32)]) {
      const response = await browser.post("/authorize", {
        ...fields,
        team: chosen,
        decision: "allow",
      });
      answers.push({ status: response.status, text: (await response.text()).length });
    }

    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.status).toBe(403);
  });

  test("ends what the same client had before", async () => {
    const first = await tokensFor(await consent(browser, path()));

    const second = await tokensFor(await consent(browser, path()));

    expect(await statusWith(first.access_token)).toBe(401);
    expect(await statusWith(second.access_token)).toBe(200);
  });

  test("is impossible for somebody in no team", async () => {
    const loner = await signedIn(await createPerson("loner"));

    const page = await pageAt(path(), loner);

    expect(page).toContain("in no team");
    expect(page).not.toContain('value="allow"');
  });
});

describe("denying", () => {
  test("sends the person back with the reason, the state and the issuer", async () => {
    const landed = await consent(browser, path(), { decision: "deny" });

    expect(landed.origin + landed.pathname).toBe(CALLBACK);
    expect(landed.searchParams.get("error")).toBe("access_denied");
    expect(landed.searchParams.get("state")).toBe("the-state");
    expect(landed.searchParams.get("iss")).toBe(ORIGIN);
    expect(landed.searchParams.get("code")).toBeNull();
  });
});

describe("a decision", () => {
  async function allowed(fields: Record<string, string>, headers = {}): Promise<number> {
    const all = { ...fields, decision: "allow" };
    return (await browser.post("/authorize", all, headers)).status;
  }

  test("holds once", async () => {
    const fields = consentFields(await pageAt(path()));

    expect(await allowed(fields)).toBe(302);
    expect(await allowed(fields)).toBe(400);
  });

  test.each([
    { name: "without the session's own token", change: { csrf: "x" }, headers: {} },
    { name: "from another origin", change: {}, headers: { origin: "https://evil.example" } },
    { name: "from a sandboxed frame", change: {}, headers: { origin: "null" } },
  ])("$name is refused", async ({ change, headers }) => {
    const fields = consentFields(await pageAt(path()));

    expect(await allowed({ ...fields, ...change }, headers)).toBe(403);
  });

  test("of a page that another browser opened is refused", async () => {
    const other = await signedIn(person);
    const { handle = "" } = consentFields(await pageAt(path(), other));
    const fields = consentFields(await pageAt(path()));

    expect(await allowed({ ...fields, handle })).toBe(400);
  });

  test("of a page that another person opened in the same browser is refused", async () => {
    const fields = consentFields(await pageAt(path()));
    await signIn(await createPerson("next"), browser);

    expect(await allowed(fields)).toBe(403);
  });

  test("with too long a body is refused", async () => {
    const fields = consentFields(await pageAt(path()));

    expect(await allowed({ ...fields, padding: "x".repeat(17_000) })).toBe(403);
  });
});

test("other methods than a browser's are refused", async () => {
  const { status, headers } = await fetchWorker("/authorize", { method: "PUT" });

  expect([status, headers.get("allow")]).toEqual([405, "GET, POST"]);
});
