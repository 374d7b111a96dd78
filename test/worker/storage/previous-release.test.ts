/** State that the release before left behind is there after this one has woken up on it. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { ACCOUNT_MIGRATIONS } from "../../../worker/account/schema.ts";
import { DIRECTORY_MIGRATIONS } from "../../../worker/directory/schema.ts";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { SHARD_MIGRATIONS } from "../../../worker/oauth/storage/schema.ts";
import { RELAY_MIGRATIONS } from "../../../worker/relay/schema.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import { migrate } from "../../../worker/storage/migrate.ts";
import { TEAM_MIGRATIONS } from "../../../worker/team/schema.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { createKey } from "../support/device.ts";
import { evict, inObject, newObjectId, objectIds, type Binding } from "../support/objects.ts";
import { connect, refresh, statusWith, type Connection, type Tokens } from "../support/oauth.ts";
import { sessionOf, signIn } from "../support/person.ts";
import { takeBack } from "../support/take-back.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

/** The tables of the first release, filled, and the object's memory lost. */
async function leaveBehind(
  binding: Binding,
  id: string,
  { first, rows }: { first: string | undefined; rows: readonly (readonly unknown[])[] },
): Promise<void> {
  await inObject(binding, id, ({ storage }) => {
    migrate(storage, first === undefined ? [] : [first]);
    for (const [statement, ...values] of rows) storage.sql.exec(String(statement), ...values);
  });
  await evict(binding, id);
}

test("a team keeps its relays, join tokens and access tokens", async () => {
  const id = newObjectId("TEAM");
  const relayId = newObjectId("RELAY");
  const nowMs = Date.now();
  await leaveBehind("TEAM", id, {
    first: TEAM_MIGRATIONS[0],
    rows: [
      ["INSERT INTO team VALUES (1, 'plant', 'installation', 1)"],
      ["INSERT INTO relay VALUES ('gw-1', ?, 'x', 5)", relayId],
      ["INSERT INTO join_token VALUES ('h1', 'aa', '*', 1, ?, NULL, NULL, NULL)", nowMs + 9_000],
      ["INSERT INTO access_token VALUES ('h2', 'bb', 'ci', 'aimdb:write', 1, ?, 7)", nowMs + 9_000],
    ],
  });
  const team = teamOf(bindings, id);

  expect(await team?.relayViews()).toEqual([
    { name: "gw-1", objectId: relayId, label: "", status: "active", enrolledAtMs: 5, clone: null },
  ]);
  expect(await team?.relayPolicy()).toEqual({ on_clone: "alert" });
  expect(await team?.joinTokens(nowMs)).toMatchObject([{ id: "aa", namePattern: "*" }]);
  expect(await team?.accessTokens(null, nowMs)).toMatchObject([
    { id: "bb", label: "ci", memberId: null, lastUsedDay: 7, networks: [] },
  ]);
  expect(await team?.authorize("h2", { nowMs, network: "192.0.2.0/24" })).toEqual({
    id: "bb",
    principal: "bb",
    scopes: ["aimdb:write"],
    expiresAtMs: nowMs + 9_000,
    rightsVersion: 1,
    auditReads: "batched",
  });
  expect(await team?.members()).toEqual([]);
});

test("a relay keeps its identity, and is active", async () => {
  const id = newObjectId("RELAY");
  const { publicKey } = await createKey();
  await leaveBehind("RELAY", id, {
    first: RELAY_MIGRATIONS[0],
    rows: [
      [
        "INSERT INTO relay VALUES (1, 'team', 'gw-1', ?, 'installation', 1, 3, 77)",
        JSON.stringify(publicKey),
      ],
    ],
  });

  expect(await relayOf(bindings, id).describe({ team: "team" })).toMatchObject({
    state: { name: "offline", sinceMs: 77 },
  });
  const status = await inObject("RELAY", id, ({ storage: { sql } }) =>
    sql.exec("SELECT status, next_key FROM relay").toArray(),
  );
  expect(status).toEqual([{ status: "active", next_key: null }]);
});

test("a directory keeps its installation and its teams", async () => {
  const id = bindings.DIRECTORY.idFromName("directory").toString();
  await leaveBehind("DIRECTORY", id, {
    first: DIRECTORY_MIGRATIONS[0],
    rows: [
      ["INSERT INTO installation VALUES (1, 'abc')"],
      ["INSERT INTO team VALUES ('t1', 'plant', 1)"],
    ],
  });

  expect(await directoryOf(bindings).installation()).toBe("abc");
  expect(await directoryOf(bindings).teams()).toEqual([{ id: "t1", name: "plant" }]);
});

/** As the first release that knew people left them behind: each of the objects that knows of the person or of their client. */
async function leaveConnected(): Promise<Connection> {
  const connection = await connect({ scope: "aimdb:read aimdb:write" });
  const { person, team } = connection;
  const directory = bindings.DIRECTORY.idFromName("directory").toString();
  await takeBack("DIRECTORY", directory, DIRECTORY_MIGRATIONS.slice(0, 2));
  await takeBack("ACCOUNT", person.accountId, ACCOUNT_MIGRATIONS.slice(0, 1));
  await takeBack("TEAM", team, TEAM_MIGRATIONS.slice(0, 4));
  for (const shard of await objectIds("OAUTH_SHARD")) {
    await takeBack("OAUTH_SHARD", shard, SHARD_MIGRATIONS.slice(0, 1));
  }
  return connection;
}

test("a person stays signed in, and signs in again as before", async () => {
  const { person, browser, team } = await leaveConnected();

  const { accountId, email } = person;
  const session = { accountId, email, memberships: [{ teamId: team, role: "operator" }] };
  expect(await sessionOf(browser)).toMatchObject({ ...session, provenAtMs: null });
  expect(await sessionOf(await signIn(person))).toMatchObject({
    ...session,
    provenAtMs: expect.any(Number),
  });
});

test("a client that a person connected stays connected, after its token ends, too", async () => {
  const { team, clientId, tokens } = await leaveConnected();

  expect(await statusWith(tokens.access_token)).toBe(200);
  const refreshed = await refresh(clientId, tokens.refresh_token);
  expect(refreshed.status).toBe(200);
  const next = await refreshed.json<Tokens>();
  expect(next.scope).toBe("aimdb:read aimdb:write");
  expect(await statusWith(next.access_token)).toBe(200);
  expect(await teamOf(bindings, team)?.grants(null, { after: null, limit: 9 })).toMatchObject([
    { clientName: "Test Client" },
  ]);
});
