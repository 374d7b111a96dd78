/** Who may do what: every route of the management API for every kind of caller. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Role } from "../../../worker/access/role.ts";
import { API_ROUTES } from "../../../worker/api/management-api.ts";
import type { Creation } from "../../../worker/team/rpc.ts";
import type { Browser } from "../support/browser.ts";
import { enrollDevice } from "../support/device.ts";
import { plantGrant } from "../support/oauth.ts";
import { inObject } from "../support/objects.ts";
import { addToTeam, createPerson, sessionOf, signedIn } from "../support/person.ts";
import { createTeam, teamObject, type TestTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, fetchWorker, ORIGIN, postApi } from "../support/worker.ts";

afterEach(() => reset());

const CALLERS = [
  "operator",
  "owner",
  "operator role",
  "viewer",
  "admin token of an owner",
] as const;
type CallerName = (typeof CALLERS)[number];

const EVERYONE = [...CALLERS];
const WRITERS = ["operator", "owner", "operator role", "admin token of an owner"];
const OWNERS = ["operator", "owner", "admin token of an owner"];
const OPERATOR = ["operator"];

interface Action {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: object;
  readonly may: readonly string[];
}

/** Targets are there, so that whoever may is answered with success. */
const ACTIONS: readonly Action[] = [
  { method: "GET", path: "/teams", may: EVERYONE },
  { method: "POST", path: "/teams", body: { name: "new" }, may: OPERATOR },
  { method: "POST", path: "/owner-link", may: OPERATOR },
  { method: "DELETE", path: "/team", may: OWNERS },
  { method: "GET", path: "/members", may: EVERYONE },
  { method: "PATCH", path: "/members/:id", body: { role: "viewer" }, may: OWNERS },
  { method: "DELETE", path: "/members/:id", may: OWNERS },
  { method: "GET", path: "/invitations", may: OWNERS },
  { method: "POST", path: "/invitations", body: { role: "owner" }, may: OWNERS },
  { method: "DELETE", path: "/invitations/:id", may: OWNERS },
  { method: "POST", path: "/password-links", may: OPERATOR },
  { method: "GET", path: "/join-tokens", may: OWNERS },
  { method: "POST", path: "/join-tokens", body: {}, may: OWNERS },
  { method: "DELETE", path: "/join-tokens/:id", may: OWNERS },
  { method: "GET", path: "/access-tokens", may: EVERYONE },
  { method: "POST", path: "/access-tokens", body: {}, may: EVERYONE },
  { method: "DELETE", path: "/access-tokens/:id", may: EVERYONE },
  { method: "GET", path: "/grants", may: EVERYONE },
  { method: "DELETE", path: "/grants/:id", may: EVERYONE },
  { method: "GET", path: "/external-subjects", may: OWNERS },
  { method: "PATCH", path: "/external-subjects/:id", body: { blocked: true }, may: OWNERS },
  { method: "GET", path: "/relays", may: EVERYONE },
  { method: "PATCH", path: "/relays/:name", body: { label: "Hall 3" }, may: WRITERS },
  { method: "POST", path: "/relays/:name/suspend", may: WRITERS },
  { method: "POST", path: "/relays/:name/resume", may: WRITERS },
  { method: "DELETE", path: "/relays/:name", may: OWNERS },
  { method: "POST", path: "/relays/:name/dismiss-clone", may: OWNERS },
  { method: "GET", path: "/relay-policy", may: EVERYONE },
  { method: "PUT", path: "/relay-policy", body: { on_clone: "suspend" }, may: OWNERS },
  { method: "GET", path: "/write-policy", may: EVERYONE },
  { method: "GET", path: "/activity", may: EVERYONE },
  { method: "GET", path: "/activity/verify", may: WRITERS },
  { method: "GET", path: "/activity/export", may: EVERYONE },
  { method: "GET", path: "/settings", may: EVERYONE },
  { method: "PUT", path: "/settings", body: { retention_days: 30 }, may: OWNERS },
  { method: "PUT", path: "/write-policy", body: { rules: [{ record: "app.*" }] }, may: OWNERS },
];

const OF_NO_TEAM = new Set(["/teams", "/password-links"]);

type Call = (method: string, path: string, body?: object) => Promise<Response>;

interface Scene {
  readonly team: TestTeam;
  readonly call: Call;
  readonly memberId: string | null;
}

function byToken(token: string): Call {
  return (method, path, body) =>
    fetchWorker(`/api/v1${path}`, {
      method,
      headers: bearer(token),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

function bySession(browser: Browser, csrf: string): Call {
  return (method, path, body) =>
    fetchWorker(`/api/v1${path}`, {
      method,
      headers: {
        cookie: `session=${browser.cookie("session")}`,
        origin: ORIGIN,
        "x-csrf-token": csrf,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

async function personIn(team: TestTeam, role: Role): Promise<{ call: Call; memberId: string }> {
  const person = await createPerson(role);
  await addToTeam(person, team.id, role);
  const browser = await signedIn(person);
  const session = await sessionOf(browser);
  const memberId = session?.memberships[0]?.memberId ?? "";
  return { call: bySession(browser, session?.csrfToken ?? ""), memberId };
}

async function sceneOf(caller: CallerName, team: TestTeam): Promise<Scene> {
  switch (caller) {
    case "operator":
      return { team, call: byToken(ADMIN_TOKEN), memberId: null };
    case "owner":
      return { team, ...(await personIn(team, "owner")) };
    case "operator role":
      return { team, ...(await personIn(team, "operator")) };
    case "viewer":
      return { team, ...(await personIn(team, "viewer")) };
    case "admin token of an owner": {
      const { call, memberId } = await personIn(team, "owner");
      const made = await call("POST", "/access-tokens", { scopes: ["aimdb:admin"] });
      const { token } = await made.json<{ token: string }>();
      return { team, call: byToken(token), memberId };
    }
  }
}

/** What a route's `:id` or `:name` stands for, made so that it is there. */
async function targetFor(path: string, { team, memberId }: Scene): Promise<string> {
  const stub = teamObject(team.id);
  const common = { lifetimeMs: 60_000, nowMs: Date.now() };
  if (path.startsWith("/relays")) return (await enrollDevice(team)).relay;
  if (path.startsWith("/members")) {
    await addToTeam(await createPerson("extra"), team.id, "operator");
    const members = await stub.members();
    return members.findLast(({ role }) => role === "operator")?.id ?? "";
  }
  if (path.startsWith("/external-subjects")) {
    await stub.admitSubject({ ...SUBJECT, nowMs: common.nowMs });
    return SUBJECT.id;
  }
  if (path.startsWith("/grants")) return plantGrant(team.id, await accountOf(team, memberId));
  const make: Record<string, () => Promise<Creation>> = {
    "join-tokens": () =>
      stub.createJoinToken({ ...common, namePattern: "*", createdBy: "operator" }),
    invitations: () =>
      stub.createInvitation({ ...common, role: "viewer", email: null, createdBy: "operator" }),
    "access-tokens": () =>
      stub.createAccessToken({ ...common, label: "", scopes: [], memberId, createdBy: "operator" }),
  };
  const made = await make[path.split("/")[1] ?? ""]?.();
  return made?.ok === true ? made.id : "";
}

async function somebody(): Promise<{ email: string }> {
  const { email } = await createPerson("somebody");
  return { email };
}

const SUBJECT = { id: "a".repeat(64), subject: "ada" };

/** The member's account, or somebody's for a caller that is no member. */
async function accountOf(team: TestTeam, memberId: string | null): Promise<string> {
  if (memberId === null) {
    const person = await createPerson("somebody");
    await addToTeam(person, team.id, "viewer");
    return person.accountId;
  }
  return inObject("TEAM", team.id, ({ storage: { sql } }) => {
    const [row] = sql
      .exec<{ account: string }>("SELECT account FROM member WHERE id = ?", memberId)
      .toArray();
    return row?.account ?? "";
  });
}

test("the table has every route of the API", () => {
  const inTable = ACTIONS.map(({ method, path }) => `${method} ${path}`).sort();

  expect(API_ROUTES.map(({ method, path }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
    inTable,
  );
});

describe.each(CALLERS)("%s", (caller) => {
  test.each(ACTIONS)("$method $path", async ({ method, path, body, may }) => {
    const scene = await sceneOf(caller, await createTeam("plant"));
    const target = path.includes(":") ? await targetFor(path, scene) : "";
    const address = path.replace(/:(id|name)/, target);
    const named = caller === "operator" && path !== "/teams" ? { team: scene.team.id } : {};
    const sure = path === "/team" ? { name: "plant" } : {};
    const query = `?${new URLSearchParams({ ...named, ...sure }).toString()}`;

    const sent = path === "/password-links" ? await somebody() : body;

    const answer = await scene.call(method, address + query, sent);

    const isRefused = answer.status === 403;
    const { error } = isRefused
      ? await answer.json<{ error: { code: string } }>()
      : { error: null };
    expect(isRefused || [200, 201, 204].includes(answer.status)).toBe(true);
    expect(isRefused).toBe(!may.includes(caller));
    expect(["insufficient_scope", "operator_only", undefined]).toContain(error?.code);
  });
});

test("an invitation that a service makes is told as its own, not as the operator's", async () => {
  const { id: team } = await createTeam();
  const made = await postApi("access-tokens", { team, service: true, scopes: ["aimdb:admin"] });
  const { id, token } = await made.json<{ id: string; token: string }>();
  const headers = bearer(token);
  await fetchWorker("/api/v1/invitations", { method: "POST", headers });
  const answer = await fetchWorker("/api/v1/invitations", { headers });

  expect(await answer.json()).toMatchObject({ invitations: [{ created_by: id }] });
});

describe("a token in a person's hands", () => {
  test.each([
    { role: "viewer", scopes: ["aimdb:write"], status: 403 },
    { role: "viewer", scopes: ["aimdb:read"], status: 201 },
    { role: "operator", scopes: ["aimdb:admin"], status: 403 },
    { role: "operator", scopes: ["aimdb:read", "aimdb:write"], status: 201 },
    { role: "owner", scopes: ["aimdb:admin"], status: 201 },
  ] as const)("made by $role with $scopes is answered $status", async (made) => {
    const { call } = await personIn(await createTeam(), made.role);

    const answer = await call("POST", "/access-tokens", { scopes: made.scopes });

    expect(answer.status).toBe(made.status);
  });

  test.each(["operator", "viewer"] as const)("is no service's, made by %s", async (role) => {
    const { call } = await personIn(await createTeam(), role);

    expect((await call("POST", "/access-tokens", { service: true })).status).toBe(403);
  });

  test("is seen and revoked by its own person and by owners, by nobody else", async () => {
    const team = await createTeam();
    const [ada, bob, owner] = [
      await personIn(team, "viewer"),
      await personIn(team, "operator"),
      await personIn(team, "owner"),
    ];
    const made = await ada.call("POST", "/access-tokens", { label: "ada's" });
    const { id } = await made.json<{ id: string }>();
    const seen = async ({ call }: { call: Call }) => {
      const { access_tokens } = await (
        await call("GET", "/access-tokens")
      ).json<{
        access_tokens: { id: string; member: string }[];
      }>();
      return access_tokens.map((token) => token.member);
    };

    expect([await seen(ada), await seen(bob), await seen(owner)]).toEqual([
      [ada.memberId],
      [],
      [ada.memberId],
    ]);
    expect((await bob.call("DELETE", `/access-tokens/${id}`)).status).toBe(404);
    expect((await owner.call("DELETE", `/access-tokens/${id}`)).status).toBe(204);
    expect((await ada.call("DELETE", `/access-tokens/${id}`)).status).toBe(404);
  });
});

describe("the only owner", () => {
  test("can neither be removed nor given another role; with a second one it can", async () => {
    const team = await createTeam();
    const { call, memberId } = await personIn(team, "owner");
    const path = `/members/${memberId}`;

    for (const answer of [
      await call("DELETE", path),
      await call("PATCH", path, { role: "viewer" }),
    ]) {
      expect(answer.status).toBe(409);
      expect(await answer.json()).toMatchObject({ error: { code: "last_owner" } });
    }
    await personIn(team, "owner");
    expect((await call("PATCH", path, { role: "viewer" })).status).toBe(200);
  });
});

describe("a session at the API", () => {
  test.each([
    { why: "without the header", change: { "x-csrf-token": "" } },
    { why: "with another session's token", change: { "x-csrf-token": "0".repeat(64) } },
    { why: "from a foreign page", change: { origin: "https://evil.example" } },
    { why: "from no page", change: { origin: "" } },
  ])("changes nothing $why", async ({ change }) => {
    const team = await createTeam();
    const person = await createPerson();
    await addToTeam(person, team.id, "owner");
    const browser = await signedIn(person);
    const headers = new Headers({
      cookie: `session=${browser.cookie("session")}`,
      origin: ORIGIN,
      "x-csrf-token": (await sessionOf(browser))?.csrfToken ?? "",
    });
    for (const [name, value] of Object.entries(change)) {
      if (value === "") headers.delete(name);
      else headers.set(name, value);
    }

    const answer = await fetchWorker("/api/v1/join-tokens", { method: "POST", headers });

    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: "forged" } });
  });

  test("does not help a request with a bad token", async () => {
    const browser = await signedIn(await createPerson());
    const answer = await fetchWorker("/api/v1/teams", {
      headers: { cookie: `session=${browser.cookie("session")}`, ...bearer("nothing") },
    });

    expect(answer.status).toBe(401);
  });

  test("of a person in two teams has to say which", async () => {
    const [one, other] = [await createTeam("one"), await createTeam("other")];
    const person = await createPerson();
    await addToTeam(person, one.id, "owner");
    await addToTeam(person, other.id, "viewer");
    const browser = await signedIn(person);
    const call = bySession(browser, (await sessionOf(browser))?.csrfToken ?? "");

    expect((await call("GET", "/members")).status).toBe(400);
    expect((await call("GET", `/members?team=${other.id}`)).status).toBe(200);
    expect((await call("POST", "/join-tokens", { team: one.id })).status).toBe(201);
    expect((await call("POST", "/join-tokens", { team: other.id })).status).toBe(403);
  });
});

describe("another team's things", () => {
  const withTarget = ACTIONS.filter(({ path }) => path.includes(":"));

  test.each(withTarget)("are answered at $method $path as if not there", async (action) => {
    const [own, other] = [await createTeam("own"), await createTeam("other")];
    const { call } = await personIn(own, "owner");
    const foreign = await targetFor(action.path, { ...(await sceneOf("owner", other)) });
    const missing = action.path.startsWith("/relays") ? "gw-none" : "0123456789abcdef";
    const ask = async (target: string) => {
      const answer = await call(
        action.method,
        action.path.replace(/:(id|name)/, target),
        action.body,
      );
      return { status: answer.status, text: await answer.text(), headers: [...answer.headers] };
    };

    const answers = [await ask(foreign), await ask(missing)];

    expect(answers[0]?.status).toBe(404);
    expect(answers[0]).toEqual(answers[1]);
  });

  test.each(ACTIONS.filter(({ path }) => !OF_NO_TEAM.has(path)))(
    "are not reached at $method $path by naming the team",
    async ({ method, path, body }) => {
      const [own, other] = [await createTeam("own"), await createTeam("other")];
      const { call } = await personIn(own, "owner");
      const ask = async (team: string) => {
        const address = `${path.replace(/:(id|name)/, "x")}?team=${team}&name=other`;
        const answer = await call(method, address, body);
        return { status: answer.status, text: await answer.text() };
      };

      const answers = [await ask(other.id), await ask("ab".repeat(32))];

      expect(answers[0]?.status).toBe(404);
      expect(answers[0]).toEqual(answers[1]);
    },
  );
});
