import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { MAX_GRANTS } from "../../../../worker/oauth/grants/team-grants.ts";
import { namedGrantOf } from "../../../../worker/oauth/grants/user-id.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import {
  authorizePath,
  connect,
  consent,
  createPkce,
  errorOf,
  exchange,
  plantGrant,
  plantGrants,
  postToken,
  refresh,
  registerClient,
  statusWith,
  type Tokens,
} from "../../support/oauth.ts";
import { evict, inObject } from "../../support/objects.ts";
import { bindings } from "../../support/worker.ts";

afterEach(() => reset());

async function tokensOf(response: Response): Promise<Tokens> {
  expect(response.status).toBe(200);
  return response.json<Tokens>();
}

const ALL = { after: null, limit: 100 };
const INVALID_GRANT = { status: 400, error: "invalid_grant" };

test("a person's client beyond those they may have disconnects the longest unused, as the log says", async () => {
  const { tokens, person, team } = await connect();
  await plantGrants(team, person, MAX_GRANTS - 1);
  expect(await statusWith(tokens.access_token)).toBe(200);

  const newest = await plantGrant(team, person.accountId);

  const object = teamOf(bindings, team);
  const grants = (await object?.grants(null, ALL)) ?? [];
  expect(grants).toHaveLength(MAX_GRANTS);
  expect(grants.map(({ id }) => id)).toContain(newest);
  expect(await statusWith(tokens.access_token)).toBe(401);
  const page = { order: "newest", limit: 5, withIntents: false } as const;
  const query = { action: "client.disconnect_unused" };
  const lines = (await object?.activity(query, page, Date.now())) ?? [];
  expect(lines.map(({ entry, name }) => ({ ...JSON.parse(entry), name }) as object)).toMatchObject([
    { target: "Test Client", outcome: "done", name: person.email },
  ]);
});

describe("an authorization code", () => {
  test("becomes tokens that open /mcp for an hour", async () => {
    const { tokens } = await connect();

    expect(tokens).toMatchObject({
      token_type: "bearer",
      expires_in: 3600,
      scope: "aimdb:read",
      resource: "http://localhost:8787/mcp",
    });
    expect(await statusWith(tokens.access_token)).toBe(200);
  });

  test.each([
    { name: "another verifier", change: { code_verifier: "x".repeat(43) } },
    { name: "another redirect address", change: { redirect_uri: "http://127.0.0.1:1/callback" } },
    { name: "another code", change: { code: "abc" } },
  ])("is refused with $name", async ({ change }) => {
    const { browser, clientId } = await connect();
    const { verifier, challenge } = await createPkce();
    const landed = await consent(browser, authorizePath(clientId, challenge));
    const code = landed.searchParams.get("code") ?? "";

    expect(await errorOf(await exchange({ clientId, code, verifier }, change))).toEqual(
      INVALID_GRANT,
    );
    expect((await exchange({ clientId, code, verifier })).status).toBe(200);
  });

  test("is refused without its verifier, for another resource, and from another client", async () => {
    const { browser, clientId } = await connect();
    const { verifier, challenge } = await createPkce();
    const landed = await consent(browser, authorizePath(clientId, challenge));
    const code = landed.searchParams.get("code") ?? "";
    const other = await registerClient();

    const answers = [
      await exchange({ clientId, code, verifier: "" }),
      await exchange({ clientId, code, verifier }, { resource: "https://other.example/mcp" }),
      await exchange({ clientId: other, code, verifier }),
    ];

    expect(await Promise.all(answers.map(errorOf))).toEqual([
      { status: 400, error: "invalid_request" },
      { status: 400, error: "invalid_target" },
      INVALID_GRANT,
    ]);
  });

  test("that comes twice at once becomes tokens once", async () => {
    const { browser, clientId } = await connect();
    const { verifier, challenge } = await createPkce();
    const landed = await consent(browser, authorizePath(clientId, challenge));
    const code = landed.searchParams.get("code") ?? "";

    const both = [exchange({ clientId, code, verifier }), exchange({ clientId, code, verifier })];

    const statuses = (await Promise.all(both)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400]);
  });

  test("that comes twice is refused, and takes its tokens with it", async () => {
    const connection = await connect();

    const again = await exchange(connection);

    expect(await errorOf(again)).toEqual(INVALID_GRANT);
    expect(await statusWith(connection.tokens.access_token)).toBe(401);
  });
});

describe("a refresh token", () => {
  test("becomes new tokens; the previous one is valid until the new one is used", async () => {
    const { clientId, tokens: first } = await connect();

    const second = await tokensOf(
      await refresh(clientId, first.refresh_token, { scope: "aimdb:read" }),
    );
    const lost = await tokensOf(await refresh(clientId, first.refresh_token));
    const third = await tokensOf(await refresh(clientId, lost.refresh_token));
    const replayed = await refresh(clientId, first.refresh_token);

    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect(await errorOf(replayed)).toEqual(INVALID_GRANT);
    expect(await statusWith(third.access_token)).toBe(200);
  });

  test("that comes four times at once is answered four times, and every answer is valid", async () => {
    const { clientId, tokens } = await connect();

    const responses = await Promise.all(
      Array.from({ length: 4 }, () => refresh(clientId, tokens.refresh_token)),
    );
    const answers = await Promise.all(responses.map(tokensOf));

    for (const { access_token } of answers) expect(await statusWith(access_token)).toBe(200);
    const [{ refresh_token: last } = { refresh_token: "" }] = answers;
    for (const answer of answers) expect(answer.refresh_token).toBe(last);
    const next = await tokensOf(await refresh(clientId, last));
    expect(await errorOf(await refresh(clientId, tokens.refresh_token))).toEqual(INVALID_GRANT);
    expect(await statusWith(next.access_token)).toBe(200);
  });
});

describe("a refresh", () => {
  test("may ask for less, and not for more", async () => {
    const { clientId, tokens } = await connect({ scope: "aimdb:read aimdb:write" });

    const less = await tokensOf(
      await refresh(clientId, tokens.refresh_token, { scope: "aimdb:read" }),
    );
    const admin = await refresh(clientId, less.refresh_token, { scope: "aimdb:admin" });

    expect(less.scope).toBe("aimdb:read");
    expect(await errorOf(admin)).toEqual({ status: 400, error: "invalid_scope" });
  });

  test("for another resource, or from another client, is refused", async () => {
    const { clientId, tokens } = await connect();
    const other = await registerClient();

    const foreign = await refresh(clientId, tokens.refresh_token, {
      resource: "https://other.example/mcp",
    });

    expect(await errorOf(foreign)).toEqual({ status: 400, error: "invalid_target" });
    expect(await errorOf(await refresh(other, tokens.refresh_token))).toEqual(INVALID_GRANT);
  });

  test("works after the team's object slept", async () => {
    const { clientId, tokens, team } = await connect();
    await evict("TEAM", team);

    const { access_token } = await tokensOf(await refresh(clientId, tokens.refresh_token));

    expect(await statusWith(access_token)).toBe(200);
  });

  test("that was in progress when its grant ended does not bring it back", async () => {
    const { clientId, tokens, team } = await connect();
    const id = namedGrantOf(tokens.access_token)?.grant ?? "";

    const responses = await Promise.all([
      refresh(clientId, tokens.refresh_token),
      teamOf(bindings, team)?.revokeGrant(id, null),
      refresh(clientId, tokens.refresh_token, { scope: "aimdb:read" }),
    ]);

    for (const response of responses) {
      if (!(response instanceof Response) || response.status !== 200) continue;
      const { access_token } = await response.json<Tokens>();
      expect(await statusWith(access_token)).toBe(401);
    }
    expect(await teamOf(bindings, team)?.grants(null, ALL)).toEqual([]);
  });

  test("extends the grant to 30 days from then", async () => {
    const { clientId, tokens, team } = await connect();
    await inObject("TEAM", team, ({ storage: { sql } }) => {
      sql.exec(
        "UPDATE oauth_entry SET expires_at = expires_at - 86400000 WHERE key GLOB 'grant:*'",
      );
    });

    await tokensOf(await refresh(clientId, tokens.refresh_token));

    const [row] = await inObject("TEAM", team, ({ storage: { sql } }) =>
      sql.exec("SELECT expires_at FROM oauth_entry WHERE key GLOB 'grant:*'").toArray(),
    );
    const days = (Number(row?.["expires_at"]) - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(29.9);
    expect(days).toBeLessThanOrEqual(30);
  });
});

describe("revocation", () => {
  test("of an access token ends it at once, and nothing else", async () => {
    const { clientId, tokens } = await connect();

    const response = await postToken({ client_id: clientId, token: tokens.access_token });

    expect(response.status).toBe(200);
    expect(await statusWith(tokens.access_token)).toBe(401);
    await tokensOf(await refresh(clientId, tokens.refresh_token));
  });

  test("of a refresh token ends all of the grant at once", async () => {
    const { clientId, tokens } = await connect();

    await postToken({
      client_id: clientId,
      token: tokens.refresh_token,
      token_type_hint: "refresh_token",
    });

    expect(await statusWith(tokens.access_token)).toBe(401);
    expect(await errorOf(await refresh(clientId, tokens.refresh_token))).toEqual(INVALID_GRANT);
  });

  test("of a grant in its team ends its tokens at once", async () => {
    const { clientId, tokens, team } = await connect();
    const stub = teamOf(bindings, team);
    const [grant] = (await stub?.grants(null, ALL)) ?? [];

    expect(await stub?.revokeGrant(grant?.id ?? "", null)).toMatchObject({ type: "now" });

    expect(await statusWith(tokens.access_token)).toBe(401);
    expect(await errorOf(await refresh(clientId, tokens.refresh_token))).toEqual(INVALID_GRANT);
  });
});
