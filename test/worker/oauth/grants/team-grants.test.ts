/** What happens to a grant while the library is thinking. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { Scope } from "#shared/access/scope.ts";
import { createAuthorizationServer } from "../../../../worker/oauth/library/authorization-server.ts";
import { EntryStore } from "../../../../worker/oauth/storage/entry-store.ts";
import { SHARD_MIGRATIONS } from "../../../../worker/oauth/storage/schema.ts";
import { MAX_GRANTS, TeamGrants } from "../../../../worker/oauth/grants/team-grants.ts";
import { namedGrantOf } from "../../../../worker/oauth/grants/user-id.ts";
import { migrate } from "../../../../worker/storage/migrate.ts";
import { CALLBACK, createPkce, RESOURCE } from "../../support/oauth.ts";
import { inObject, newObjectId } from "../../support/objects.ts";
import { ORIGIN } from "../../support/worker.ts";

afterEach(() => reset());

const CLIENT = {
  clientId: "client-id-0123ab",
  redirectUris: [CALLBACK],
  tokenEndpointAuthMethod: "none",
};
const ACCOUNT = "a".repeat(64);
const ALL = { after: "", limit: 100 };

interface Bench {
  readonly grants: TeamGrants;
  readonly tokens: { access_token: string; refresh_token: string };
  readonly refresh: () => Promise<{ status: number; body: string }>;
  /** Lookups of clients wait from now on; ends with the function it gives. */
  readonly holdClients: () => () => void;
  /** From now on only clients with a grant are found. */
  readonly forgetClients: () => void;
  /** Beside the one that has the grant. */
  readonly allowClients: (ids: readonly string[]) => void;
  readonly members: Map<string, readonly Scope[]>;
}

/** One grant, in an object of its own; clients are where the test wants them to be slow. */
function withGrant<R>(run: (bench: Bench) => Promise<R>): Promise<R> {
  const team = newObjectId("TEAM");
  return inObject("TEAM", team, async ({ storage }) => {
    migrate(storage, SHARD_MIGRATIONS);
    const main = new URL(ORIGIN);
    const members = new Map<string, readonly Scope[]>([[ACCOUNT, ["aimdb:read"]]]);
    let held = Promise.resolve();
    let clientIds: readonly string[] = [CLIENT.clientId];
    const find = (ids: readonly string[], key: string) => {
      const clientId = ids.find((id) => key === `client:${id}`);
      return clientId === undefined ? null : JSON.stringify({ ...CLIENT, clientId });
    };
    const rest = { put: () => undefined, delete: () => undefined, list: () => [] };
    const grants = new TeamGrants({
      team,
      main,
      onEnded: () => undefined,
      server: () => createAuthorizationServer({ main }),
      entries: new EntryStore(storage.sql, Date.now),
      shared: { get: (key) => held.then(() => find(clientIds, key)), ...rest },
      sharedOfGrants: {
        get: (key) => held.then(() => find([CLIENT.clientId, ...clientIds], key)),
        ...rest,
      },
      memberOf: (account) => {
        const scopes = members.get(account);
        return scopes === undefined ? undefined : { id: "member", scopes };
      },
      now: Date.now,
    });
    const tokens = await connect(grants);
    const grant = namedGrantOf(tokens.refresh_token);
    if (grant === undefined) throw new Error("The token names no grant");
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      client_id: CLIENT.clientId,
      refresh_token: tokens.refresh_token,
    }).toString();
    const holdClients = () => {
      let open = (): void => undefined;
      held = new Promise((resolve) => (open = resolve));
      return () => open();
    };
    const refresh = () => grants.exchange({ grant, authorization: undefined, form });
    const forgetClients = () => {
      clientIds = [];
    };
    const allowClients = (ids: readonly string[]) => {
      clientIds = [CLIENT.clientId, ...ids];
    };
    return run({ grants, tokens, refresh, holdClients, forgetClients, allowClients, members });
  });
}

async function connect(grants: TeamGrants, clientId = CLIENT.clientId): Promise<Bench["tokens"]> {
  const { verifier, challenge } = await createPkce();
  const consented = await grants.consent({
    request: {
      responseType: "code",
      clientId,
      redirectUri: CALLBACK,
      scope: ["aimdb:read"],
      state: "s",
      codeChallenge: challenge,
      codeChallengeMethod: "S256",
      resource: RESOURCE,
      issuer: ORIGIN,
    },
    account: ACCOUNT,
    scopes: ["aimdb:read"],
    clientName: clientId === CLIENT.clientId ? "Test Client" : clientId,
  });
  if (!consented.ok) throw new Error(consented.reason);
  const code = new URL(consented.redirectTo).searchParams.get("code") ?? "";
  const grant = namedGrantOf(code);
  if (grant === undefined) throw new Error("The code names no grant");
  const form = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    code_verifier: verifier,
  }).toString();
  const answer = await grants.exchange({ grant, authorization: undefined, form });
  return JSON.parse(answer.body) as Bench["tokens"];
}

test("a grant that is revoked during its refresh stays revoked", () =>
  withGrant(async ({ grants, tokens, refresh, holdClients }) => {
    const open = holdClients();
    const refreshing = refresh();
    const [row] = grants.list(ACCOUNT, ALL);
    expect(grants.revoke(ACCOUNT, row?.id ?? "")).toBe(true);
    open();

    const { status, body } = await refreshing;

    expect({ status, body: JSON.parse(body) as object }).toMatchObject({
      status: 400,
      body: { error: "invalid_grant" },
    });
    expect(grants.list(ACCOUNT, ALL)).toEqual([]);
    expect(await grants.authorize(tokens.access_token)).toBeNull();
  }));

test("a refresh waits for the previous one of the same grant", () =>
  withGrant(async ({ grants, refresh, holdClients }) => {
    const open = holdClients();
    const both = [refresh(), refresh()];
    open();

    const [first, second] = await Promise.all(both);

    expect(first?.status).toBe(200);
    expect(second).toEqual(first);
    expect(grants.list(ACCOUNT, ALL)).toHaveLength(1);
  }));

test("a client that can't be found now keeps its grant, and gets no other", () =>
  withGrant(async ({ grants, refresh, forgetClients }) => {
    forgetClients();

    expect((await refresh()).status).toBe(200);
    await expect(connect(grants)).rejects.toThrow("client_gone");
  }));

test("beyond the clients that a person may have, those unused for the longest go", () =>
  withGrant(async ({ grants, tokens, refresh, allowClients }) => {
    const others = Array.from({ length: MAX_GRANTS }, (_, n) => `another-client-${n}`);
    allowClients(others);
    for (const id of others.slice(1)) await connect(grants, id);
    expect(grants.endUnused(ACCOUNT)).toEqual([]);
    await refresh();

    await connect(grants, others[0]);

    expect(grants.endUnused("b".repeat(64))).toEqual([]);
    expect(grants.endUnused(ACCOUNT)).toEqual(["another-client-1"]);
    const left = grants.list(ACCOUNT, ALL).map(({ clientName }) => clientName);
    expect(left).toHaveLength(MAX_GRANTS);
    expect(left).not.toContain("another-client-1");
    expect(await grants.authorize(tokens.access_token)).not.toBeNull();
  }));

test("a member's scopes are the current ones", () =>
  withGrant(async ({ grants, tokens, members }) => {
    members.set(ACCOUNT, ["aimdb:read", "aimdb:write", "aimdb:admin"]);
    expect(await grants.authorize(tokens.access_token)).toMatchObject({ scopes: ["aimdb:read"] });

    members.delete(ACCOUNT);
    expect(await grants.authorize(tokens.access_token)).toBeNull();
  }));

test("what a person consented to is deleted with them", () =>
  withGrant(async ({ grants, tokens, refresh }) => {
    grants.forget("b".repeat(64));
    expect(grants.list(ACCOUNT, ALL)).toHaveLength(1);

    grants.forget(ACCOUNT);

    expect(grants.list(ACCOUNT, ALL)).toEqual([]);
    expect(await grants.authorize(tokens.access_token)).toBeNull();
    expect((await refresh()).status).toBe(400);
  }));

test("a grant is listed with its client, and revoked by its person alone", () =>
  withGrant(({ grants, tokens }) => {
    const [row] = grants.list(ACCOUNT, ALL);

    expect(row).toEqual({
      id: namedGrantOf(tokens.access_token)?.grant,
      clientName: "Test Client",
      redirectHost: "127.0.0.1:33418",
      scopes: ["aimdb:read"],
      createdAtMs: expect.any(Number) as number,
    });
    expect(grants.list("b".repeat(64), ALL)).toEqual([]);
    expect(grants.revoke("b".repeat(64), row?.id ?? "")).toBe(false);
    expect(grants.revoke(ACCOUNT, "nothing")).toBe(false);
    expect(grants.revoke(ACCOUNT, row?.id ?? "")).toBe(true);
    return Promise.resolve();
  }));

test("somebody who is no member can't consent", () =>
  withGrant(async ({ grants, members }) => {
    members.delete(ACCOUNT);

    await expect(connect(grants)).rejects.toThrow("not_a_member");
  }));
