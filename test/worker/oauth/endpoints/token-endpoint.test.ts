import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import {
  authorizePath,
  CALLBACK,
  connect,
  consent,
  createPkce,
  errorOf,
  exchange,
  postRegistration,
  postToken,
  refresh,
  registerClient,
} from "../../support/oauth.ts";
import { dumpOf, objectIds } from "../../support/objects.ts";
import { fetchWorker, ORIGIN } from "../../support/worker.ts";

afterEach(() => reset());

describe("the token endpoint", () => {
  test.each([
    { name: "an unknown client", fields: { client_id: "nobody", refresh_token: "x" } },
    { name: "no client", fields: { refresh_token: "x" } },
  ])("tells $name 401, so that it registers again", async ({ fields }) => {
    const response = await postToken({ grant_type: "refresh_token", ...fields });

    expect(await errorOf(response)).toEqual({ status: 401, error: "invalid_client" });
  });

  test("tells a known client that nobody ever gave it such a token", async () => {
    const clientId = await registerClient();
    const invented = `${"a".repeat(64)}.${"b".repeat(64)}:${"g".repeat(16)}:${"s".repeat(32)}`;

    for (const token of ["", "x", invented]) {
      const response = await refresh(clientId, token);
      expect(response.status).toBe(400);
      expect((await exchange({ clientId, code: token, verifier: "v" })).status).toBe(400);
      expect((await postToken({ client_id: clientId, token: token || "x" })).status).toBe(200);
    }
  });

  test("makes no object for an invented team", async () => {
    const before = await objectIds("TEAM");
    const team = "c".repeat(64);

    await refresh(await registerClient(), `${team}.${team}:${"g".repeat(16)}:${"s".repeat(32)}`);

    expect(await objectIds("TEAM")).toEqual(before);
  });

  test("asks no address for somebody who has no grant", async () => {
    const response = await refresh("https://client.example/client.json", "x");

    expect(await errorOf(response)).toEqual({ status: 401, error: "invalid_client" });
  });

  test("takes the secret of a client that has one, and no other", async () => {
    const { browser } = await connect();
    const registration = await postRegistration({
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: "client_secret_basic",
    });
    const client = await registration.json<{ client_id: string; client_secret: string }>();
    const { verifier, challenge } = await createPkce();
    const landed = await consent(browser, authorizePath(client.client_id, challenge));
    const fields = {
      grant_type: "authorization_code",
      code: landed.searchParams.get("code") ?? "",
      code_verifier: verifier,
      redirect_uri: CALLBACK,
    };
    const basic = (secret: string) => ({
      authorization: `Basic ${btoa(`${client.client_id}:${secret}`)}`,
    });

    const wrong = await postToken(fields, basic("wrong"));
    const none = await postToken({ ...fields, client_id: client.client_id });
    const right = await postToken(fields, basic(client.client_secret));

    expect([wrong.status, none.status, right.status]).toEqual([401, 401, 200]);
  });

  test.each([
    { grant_type: "client_credentials" },
    { grant_type: "password", username: "a", password: "b" },
    { grant_type: "urn:ietf:params:oauth:grant-type:token-exchange" },
  ])("knows no other grant: $grant_type", async (fields) => {
    const response = await postToken({ client_id: await registerClient(), ...fields });

    expect(await errorOf(response)).toEqual({ status: 400, error: "unsupported_grant_type" });
  });

  test("takes a form of 16 KiB at most", async () => {
    const response = await postToken({ grant_type: "refresh_token", padding: "x".repeat(16_384) });

    expect(await errorOf(response)).toEqual({ status: 413, error: "invalid_request" });
  });

  test("takes nothing but a form", async () => {
    const { clientId, tokens } = await connect();
    const body = JSON.stringify({
      grant_type: "refresh_token",
      client_id: clientId,
      refresh_token: tokens.refresh_token,
    });

    const response = await fetchWorker("/oauth/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });

    expect(await errorOf(response)).toEqual({ status: 400, error: "invalid_request" });
  });

  test("takes each field once", async () => {
    const { clientId, tokens } = await connect();
    const form = new URLSearchParams({ grant_type: "refresh_token", client_id: clientId });
    form.append("refresh_token", tokens.refresh_token);
    form.append("refresh_token", "x");

    const response = await fetchWorker("/oauth/token", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: form.toString(),
    });

    expect(await errorOf(response)).toEqual({ status: 400, error: "invalid_request" });
  });

  test("may be used by a page of any origin", async () => {
    const headers = { origin: "https://playground.example" };
    const preflight = await fetchWorker("/oauth/token", {
      method: "OPTIONS",
      headers: { ...headers, "access-control-request-method": "POST" },
    });
    const refusal = await postToken({}, headers);

    expect(preflight.status).toBe(204);
    for (const response of [preflight, refusal]) {
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect(response.headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test("works under any name of this machine", async () => {
    const { clientId, tokens } = await connect();

    const response = await fetchWorker("http://127.0.0.1:8787/oauth/token", {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        grant_type: "refresh_token",
        client_id: clientId,
        refresh_token: tokens.refresh_token,
        resource: `${ORIGIN}/mcp`,
      }).toString(),
    });

    expect(response.status).toBe(200);
  });
});

test("no code, token or secret is stored as it is", async () => {
  const { tokens, code, team, clientId } = await connect();
  const registration = await postRegistration({ redirect_uris: [CALLBACK] });
  const { client_secret } = await registration.json<{ client_secret: string }>();

  const dumps = [await dumpOf("TEAM", team)];
  for (const id of await objectIds("OAUTH_SHARD")) dumps.push(await dumpOf("OAUTH_SHARD", id));
  const stored = dumps.join("\n");

  expect(stored).toContain(clientId);
  for (const text of [code, tokens.access_token, tokens.refresh_token]) {
    expect(stored).not.toContain(text.split(":")[2]);
  }
  expect(stored).not.toContain(client_secret);
});
