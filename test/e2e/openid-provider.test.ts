/** What a real OpenID provider says of when people signed in, as far as it is believed. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { authorizationUrl, exchange, type Claimed } from "../../worker/openid/provider.ts";
import { CLIENT_ID, CLIENT_SECRET, OpenIdServer } from "../support/openid/openid-server.ts";
import { WebBrowser } from "../support/browser/web-browser.ts";

const CALLBACK = new URL("http://127.0.0.1:9/login/provider/callback");
const MINUTE_S = 60;

let provider: OpenIdServer;

beforeAll(async () => {
  provider = await OpenIdServer.start(CALLBACK.href);
  provider.people.set("ada", { email: "ada@example.com", email_verified: true });
});

beforeEach(() => {
  provider.isDeaf = false;
  provider.signedInAgoS = 0;
});

afterAll(() => provider?.close());

/** From the worker's redirect to what it makes of the callback. */
async function signIn(browser: WebBrowser, isAgain: boolean): Promise<Claimed> {
  const settings = {
    issuer: new URL(provider.issuer),
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    domains: [],
    name: "Plant ID",
  };
  const transaction = { state: "state", nonce: "nonce", verifier: "v".repeat(43), isAgain };
  browser.stopAt = CALLBACK.pathname;
  let visit = await browser.get(await authorizationUrl(settings, transaction, CALLBACK));
  for (const fields of [
    { prompt: "login", login: "ada", password: "any" },
    { prompt: "consent" },
  ]) {
    if (!visit.url.href.startsWith(provider.issuer)) break;
    visit = await browser.post(visit.url, fields);
  }
  return exchange(settings, transaction, visit.url);
}

/** Of what the provider, which counts seconds, says. */
async function agoS(claimed: Promise<Claimed>): Promise<number> {
  const { provenAtMs } = await claimed;
  return provenAtMs === null ? Infinity : (Date.now() - provenAtMs) / 1000;
}

describe("signing in at a provider", () => {
  test("is as old as the provider says, where it asked nobody", async () => {
    const browser = new WebBrowser();
    const first = await agoS(signIn(browser, false));
    provider.signedInAgoS = 60 * MINUTE_S;
    const later = await agoS(signIn(browser, false));

    expect(first).toBeLessThan(MINUTE_S);
    expect(later).toBeGreaterThanOrEqual(60 * MINUTE_S);
  });

  test("is of no time to come", async () => {
    provider.signedInAgoS = -60 * MINUTE_S;
    const before = Date.now();
    const { provenAtMs } = await signIn(new WebBrowser(), false);

    expect(provenAtMs).toBeGreaterThanOrEqual(before);
    expect(provenAtMs).toBeLessThanOrEqual(Date.now());
  });

  test("is of nobody knows when, where the provider does not say", async () => {
    provider.isDeaf = true;

    expect((await signIn(new WebBrowser(), false)).provenAtMs).toBeNull();
  });
});

describe("signing in again at a provider", () => {
  test("is believed when it was just now", async () => {
    const browser = new WebBrowser();
    await signIn(browser, false);

    expect(await agoS(signIn(browser, true))).toBeLessThan(MINUTE_S);
  });

  test("is not believed of one that asked nobody for a quarter of an hour", async () => {
    provider.signedInAgoS = 16 * MINUTE_S;

    await expect(signIn(new WebBrowser(), true)).rejects.toMatchObject({
      code: "OAUTH_JWT_TIMESTAMP_CHECK_FAILED",
    });
  });

  test("is not believed of one that does not say when", async () => {
    provider.isDeaf = true;

    await expect(signIn(new WebBrowser(), true)).rejects.toMatchObject({
      code: "OAUTH_INVALID_RESPONSE",
    });
  });
});
