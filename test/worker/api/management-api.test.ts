import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../worker/auth/secret.ts";
import { callTool } from "../support/mcp.ts";
import { enrollDevice } from "../support/device.ts";
import { newObjectId, objectIds, tablesOf } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, fetchWorker, postApi, sendApi } from "../support/worker.ts";

afterEach(() => reset());

const PATHS = ["/api/v1/teams", "/api/v1/join-tokens", "/api/v1/access-tokens"];
const HOUR_MS = 3_600_000;

async function created(path: string, body: unknown) {
  const response = await postApi(path, body);
  expect(response.status).toBe(201);
  return response.json<Record<string, unknown>>();
}

describe("the management API", () => {
  test.each([...PATHS, "/api/v1", "/api/v1/nothing"])(
    "answers 401 at %s without a token, whatever is asked",
    async (path) => {
      const accessToken = await (await createTeam()).accessToken(["aimdb:admin"]);
      const attempts: Record<string, string>[] = [
        {},
        { authorization: `Bearer ${ADMIN_TOKEN}x` },
        { authorization: `Basic ${ADMIN_TOKEN}` },
        bearer(`${accessToken}x`),
        bearer(await (await createTeam()).joinToken()),
      ];

      for (const headers of attempts) {
        for (const method of ["GET", "POST", "DELETE"]) {
          const response = await fetchWorker(path, { method, headers });
          expect(response.status).toBe(401);
          expect(response.headers.get("www-authenticate")).toBe("Bearer");
          expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
        }
      }
    },
  );

  test.each([...PATHS, "/api/v1/nothing"])(
    "answers 403 at %s to a token that was made for tools",
    async (path) => {
      const accessToken = await (await createTeam()).accessToken(["aimdb:write"]);

      for (const method of ["GET", "POST", "DELETE"]) {
        const response = await fetchWorker(path, { method, headers: bearer(accessToken) });
        expect(response.status).toBe(403);
        expect(await response.json()).toMatchObject({
          error: { code: "insufficient_scope", required_scope: "aimdb:admin" },
        });
      }
    },
  );

  test("ignores an admin token in the address", async () => {
    const response = await fetchWorker(`/api/v1/teams?token=${ADMIN_TOKEN}`, { method: "POST" });

    expect(response.status).toBe(401);
  });

  test("is closed if no admin token is set", async () => {
    const response = await fetchWorker(
      "/api/v1/teams",
      { method: "POST", headers: bearer(ADMIN_TOKEN) },
      { ADMIN_TOKEN: "" },
    );

    expect(response.status).toBe(401);
  });

  test("opens with the hash of the admin token set", async () => {
    const response = await fetchWorker(
      "/api/v1/join-tokens",
      { method: "POST", headers: bearer(ADMIN_TOKEN) },
      { ADMIN_TOKEN: "", ADMIN_TOKEN_SHA256: await hashSecret(ADMIN_TOKEN) },
    );

    expect(response.status).toBe(201);
  });

  test("does not take the admin token at /mcp", async () => {
    const response = await fetchWorker("/mcp", { method: "POST", headers: bearer(ADMIN_TOKEN) });

    expect(response.status).toBe(401);
  });

  test.each([
    { method: "PUT", path: "/api/v1/teams" },
    { method: "GET", path: "/api/v1/owner-link" },
    { method: "POST", path: "/api/v1/nothing" },
  ])("answers 404 to $method $path", async ({ method, path }) => {
    const response = await fetchWorker(path, { method, headers: bearer(ADMIN_TOKEN) });

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });
});

describe("POST /api/v1/teams", () => {
  test("makes a team", async () => {
    expect(await created("teams", { name: "plant" })).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      name: "plant",
    });
  });

  test.each([{}, { name: "" }, { name: "x".repeat(81) }, { name: 1 }, { name: "a", more: 1 }])(
    "refuses %j",
    async (body) => {
      expect((await postApi("teams", body)).status).toBe(400);
    },
  );
});

describe("POST /api/v1/join-tokens", () => {
  test("makes a token of the default team for a day and any name, without a body", async () => {
    const before = Date.now();
    const response = await fetchWorker("/api/v1/join-tokens", {
      method: "POST",
      headers: bearer(ADMIN_TOKEN),
    });
    const token = await response.json<Record<string, string>>();

    expect(token).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      token: expect.stringMatching(`^aimdb_join_${token["team"]}_`),
      team: expect.stringMatching(/^[0-9a-f]{64}$/),
      expires_at: expect.any(String),
      name_pattern: "*",
    });
    const expiresAt = Date.parse(token["expires_at"] ?? "");
    expect(expiresAt).toBeGreaterThanOrEqual(before + 24 * HOUR_MS);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS);
  });

  test("takes a team, a pattern and a lifetime", async () => {
    const { id } = await createTeam();
    const options = { team: id, name_pattern: "line-*", expires_in_hours: 1 };

    const token = await created("join-tokens", options);

    expect(token).toMatchObject({ team: id, name_pattern: "line-*" });
    expect(Date.parse(String(token["expires_at"]))).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  test.each([
    { name_pattern: "" },
    { name_pattern: "x".repeat(41) },
    { expires_in_hours: 0 },
    { expires_in_hours: 721 },
    { expires_in_hours: 1.5 },
    { team: "default" },
    { name: "gw-1" },
  ])("refuses %j", async (body) => {
    const response = await postApi("join-tokens", body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_input" } });
  });
});

describe("POST /api/v1/access-tokens", () => {
  test("makes a reading token of the default team, without a body", async () => {
    const token = await created("access-tokens", {});

    expect(token).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      token: expect.stringMatching(`^aimdb_pat_${String(token["team"])}_`),
      team: expect.stringMatching(/^[0-9a-f]{64}$/),
      expires_at: expect.any(String),
      label: "",
      scopes: ["aimdb:read"],
    });
  });

  test("takes a team, a label, scopes and a lifetime", async () => {
    const { id } = await createTeam();
    const options = { team: id, label: "ci", scopes: ["aimdb:write"], expires_in_days: 1 };

    const token = await created("access-tokens", options);

    expect(token).toMatchObject({ team: id, label: "ci", scopes: ["aimdb:write"] });
    expect(Date.parse(String(token["expires_at"]))).toBeLessThanOrEqual(Date.now() + 24 * HOUR_MS);
  });

  test.each([
    { scopes: [] },
    { scopes: ["everything"] },
    { label: "x".repeat(81) },
    { label: "ci\u202e" },
    { label: "\u3164" },
    { expires_in_days: 367 },
    { expires_in_days: "90" },
  ])("refuses %j", async (body) => {
    expect((await postApi("access-tokens", body)).status).toBe(400);
  });

  test("shows a team's token only its own relays", async () => {
    const [own, other] = [await createTeam("a"), await createTeam("b")];
    await enrollDevice(other, "gw-other");

    const { json } = await callTool(await own.accessToken(), "discover_instances");

    expect(json).toMatchObject({ instances: [], total: 0 });
    expect(json.advice).toContain("No relay is enrolled");
  });
});

describe("a name with something in it that can't be seen", () => {
  test.each(["a\u202eb", "\u3164", "a\ufe01", "\u2800", "a\u{e0041}"])(
    "is no team's and no relay's: %j",
    async (text) => {
      const team = await createTeam();
      await enrollDevice(team, "gw-1");
      const label = { team: team.id, label: text };

      expect((await postApi("teams", { name: text })).status).toBe(400);
      expect((await sendApi("relays/gw-1", "PATCH", label)).status).toBe(400);
    },
  );
});

describe("a body", () => {
  test.each(["teams", "join-tokens", "access-tokens"])(
    "over 16 KiB is refused at %s",
    async (path) => {
      const response = await postApi(path, { name: "x".repeat(16 * 1024) });

      expect(response.status).toBe(413);
      expect(await response.json()).toMatchObject({ error: { code: "too_large" } });
    },
  );

  test.each(["teams", "join-tokens", "access-tokens"])(
    "that is not JSON is refused at %s",
    async (path) => {
      const response = await fetchWorker(`/api/v1/${path}`, {
        method: "POST",
        headers: bearer(ADMIN_TOKEN),
        body: "{",
      });

      expect(response.status).toBe(400);
    },
  );
});

describe("the admin token without a team", () => {
  test("means the only one", async () => {
    const { team } = await created("join-tokens", {});

    const listed = await sendApi("join-tokens", "GET");
    expect(await listed.json()).toMatchObject({ join_tokens: [{ name_pattern: "*" }] });
    expect((await sendApi("teams", "GET")).status).toBe(200);
    expect((await sendApi(`relays?team=${String(team)}`, "GET")).status).toBe(200);
  });

  test("is asked for one if there are several, which it lists, and nothing is done", async () => {
    await created("owner-link", {});
    const { id } = await createTeam("line two");
    const listed = await sendApi("teams", "GET");
    const [first] = (await listed.json<{ teams: { id: string }[] }>()).teams;

    for (const [path, method] of [
      ["relays", "GET"],
      ["join-tokens", "POST"],
      ["owner-link", "POST"],
      ["settings", "PUT"],
    ] as const) {
      const response = await sendApi(path, method, method === "GET" ? undefined : {});
      expect(response.status).toBe(400);
      expect(await response.json()).toEqual({
        error: {
          code: "team_required",
          message: expect.stringContaining(
            `The teams are ${first?.id} (default), ${id} (line two).`,
          ),
        },
      });
    }
    const made = await sendApi(`join-tokens?team=${first?.id}`, "GET");
    expect(await made.json()).toEqual({ join_tokens: [] });
    expect((await sendApi("teams", "POST", { name: "third" })).status).toBe(201);
  });
});

describe("an installation without a team", () => {
  test("has none made by what only looks or deletes, and says how to make one", async () => {
    const before = await objectIds("TEAM");
    const listed = await sendApi("teams", "GET");
    expect(await listed.json()).toEqual({ teams: [] });
    for (const [path, method] of [
      ["relays", "GET"],
      ["activity", "GET"],
      ["relays/gw-1", "DELETE"],
      ["team?name=default", "DELETE"],
    ] as const) {
      const response = await sendApi(path, method);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({
        error: { code: "not_found", message: expect.stringContaining("POST /api/v1/teams") },
      });
    }

    expect(await objectIds("TEAM")).toEqual(before);
  });

  test("gets the team that the operator makes, and no other", async () => {
    const { id } = await created("teams", { name: "plant" });

    const listed = await sendApi("teams", "GET");
    expect(await listed.json()).toEqual({ teams: [{ id, name: "plant", role: null }] });
    const log = await sendApi("activity", "GET");
    expect(await log.json()).toMatchObject({
      activity: [{ action: "team.create", principal: "operator", outcome: "done" }],
    });
  });

  test("gets its first team by what needs one", async () => {
    await created("owner-link", {});

    const listed = await sendApi("teams", "GET");
    expect(await listed.json()).toMatchObject({ teams: [{ name: "default" }] });
  });

  test("is also what is left when the last team was deleted", async () => {
    await created("teams", { name: "plant" });
    expect((await sendApi("team?name=plant", "DELETE")).status).toBe(204);

    expect(await (await sendApi("teams", "GET")).json()).toEqual({ teams: [] });
    expect((await sendApi("members", "GET")).status).toBe(404);
    expect(await (await sendApi("teams", "GET")).json()).toEqual({ teams: [] });
  });
});

describe("a team that is not there", () => {
  test.each([
    { name: "an invented id", idOf: () => "ab".repeat(32) },
    { name: "a relay's id", idOf: () => newObjectId("RELAY") },
  ])("is answered 404 for $name, and none is made", async ({ idOf }) => {
    const before = await objectIds("TEAM");

    for (const path of ["join-tokens", "access-tokens"]) {
      const response = await postApi(path, { team: idOf() });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
    }
    expect(await objectIds("TEAM")).toEqual(before);
  });

  test("is answered 404 for an id nobody created, and nothing is stored", async () => {
    const team = newObjectId("TEAM");

    expect((await postApi("join-tokens", { team })).status).toBe(404);
    expect(await tablesOf("TEAM", team)).toEqual([]);
  });
});

test("one caller asks so often a minute, and keeps no other from it", async () => {
  const team = await createTeam();
  const [one, other] = [
    await team.accessToken(["aimdb:admin"]),
    await team.accessToken(["aimdb:admin"]),
  ];
  const ask = (token: string) =>
    fetchWorker("/api/v1/settings", { headers: bearer(token) }, { CALLS_PER_MINUTE: "2" });

  const statuses = [(await ask(one)).status, (await ask(one)).status];
  const refused = await ask(one);

  expect([...statuses, refused.status]).toEqual([200, 200, 429]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { code: "rate_limited" } });
  expect((await ask(other)).status).toBe(200);
  expect((await callTool(one, "discover_instances")).isError).toBe(false);
});

test("the operator asks as often as it likes", async () => {
  await createTeam();
  const statuses = [];
  for (let n = 0; n < 3; n += 1) {
    const settings = { CALLS_PER_MINUTE: "1" };
    const asked = await fetchWorker("/api/v1/teams", { headers: bearer(ADMIN_TOKEN) }, settings);
    statuses.push(asked.status);
  }

  expect(statuses).not.toContain(429);
});
