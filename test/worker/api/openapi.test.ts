/** The OpenAPI document against what the API does. */
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { API_ROUTES } from "../../../worker/api/management-api.ts";
import { errorSchema, openApiDocument } from "../../../worker/api/openapi.ts";
import type { Route } from "../../../worker/api/route.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { cleanUp } from "../support/clean-up.ts";
import { enrollDevice } from "../support/device.ts";
import { plantGrant } from "../support/oauth.ts";
import { addToTeam, createPerson } from "../support/person.ts";
import { ScriptedRelay } from "../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, bindings, fetchWorker } from "../support/worker.ts";

afterEach(cleanUp);
afterEach(() => reset());

const BODIES: Readonly<Record<string, object>> = {
  "post /teams": { name: "new" },
  "patch /members/:id": { role: "viewer" },
  "patch /relays/:name": { label: "Hall 3" },
  "put /relay-policy": { on_clone: "suspend" },
  "put /settings": { retention_days: 30 },
  "put /write-policy": { rules: [{ record: "app.*" }] },
  "patch /external-subjects/:id": { blocked: true },
};

const SUBJECT = "a".repeat(64);

interface Operation {
  readonly operationId: string;
  readonly parameters?: { name: string; in: string; required: boolean }[];
  readonly requestBody?: object;
  readonly responses: Record<string, { description: string; content?: object }>;
}

interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

async function documented(): Promise<Document> {
  const response = await fetchWorker("/api/v1/openapi.json");
  return response.json<Document>();
}

/** A team with one of everything, and the ids by which it is addressed. */
async function furnished(): Promise<{ team: TestTeam; targets: Record<string, string> }> {
  const team = await createTeam("plant");
  const stub = teamOf(bindings, team.id);
  for (const role of ["owner", "viewer"] as const) {
    await addToTeam(await createPerson(role), team.id, role);
  }
  const members = (await stub?.members()) ?? [];
  const device = await enrollDevice(team);
  await ScriptedRelay.connect(device);
  await enrollDevice(team, "gw-2");
  const common = { lifetimeMs: 60_000, nowMs: Date.now() };
  const invited = {
    ...common,
    role: "viewer",
    email: "a@example.com",
    createdBy: "operator",
  } as const;
  const made = [
    await stub?.createInvitation(invited),
    await stub?.createJoinToken({ ...common, namePattern: "*", createdBy: "operator" }),
    await stub?.createAccessToken({
      ...common,
      label: "ci",
      scopes: ["aimdb:read"],
      memberId: null,
      createdBy: "operator",
    }),
  ].map((creation) => (creation?.ok === true ? creation.id : ""));
  await team.principal();
  const [invitations = "", joinTokens = "", accessTokens = ""] = made;
  return {
    team,
    targets: {
      members: members.at(-1)?.id ?? "",
      invitations,
      "join-tokens": joinTokens,
      "access-tokens": accessTokens,
      ...(await connected(team.id)),
      relays: device.relay,
    },
  };
}

/** Somebody with an OAuth client, and somebody of an external issuer. */
async function connected(teamId: string): Promise<Record<string, string>> {
  const person = await createPerson("connected");
  await addToTeam(person, teamId, "viewer");
  const use = { id: SUBJECT, subject: "ada", nowMs: Date.now() };
  await teamOf(bindings, teamId)?.admitSubject(use);
  return { grants: await plantGrant(teamId, person.accountId), "external-subjects": SUBJECT };
}

async function bodyOf({ method, path }: Route): Promise<object | undefined> {
  if (path !== "/password-links") return BODIES[`${method} ${path}`];
  const { email } = await createPerson("somebody");
  return { email };
}

async function ask(route: Route, address: string): Promise<Response> {
  const body = await bodyOf(route);
  return fetchWorker(`/api/v1${address}`, {
    method: route.method.toUpperCase(),
    headers: bearer(ADMIN_TOKEN),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function readAnswer(answer: Response): Promise<unknown> {
  const text = await answer.text();
  const isLines = answer.headers.get("content-type") === "application/x-ndjson";
  const [first = ""] = isLines ? text.split("\n") : [text];
  return first === "" ? "" : JSON.parse(first);
}

/** As strict as the document: a field that it does not name is none that may be sent. */
function strictly(schema: z.ZodMiniType, value: unknown): void {
  expect(schema.safeParse(value)).toMatchObject({ success: true, data: value });
}

test("the document needs no token, and matches the routes", async () => {
  expect(await documented()).toEqual(
    JSON.parse(JSON.stringify(openApiDocument(API_ROUTES, bindings))),
  );
});

test("the document names every route once, with its parameters", async () => {
  const { openapi, paths } = await documented();
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );

  expect(openapi).toBe("3.1.0");
  // Beside the routes there is the event stream.
  expect(operations).toHaveLength(API_ROUTES.length + 1);
  expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(
    operations.length,
  );
  for (const { path, operation } of operations) {
    const named = (operation.parameters ?? []).filter((one) => one.in === "path");
    expect(named.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? []);
  }
});

describe.each(API_ROUTES)("$method $path", (route) => {
  const kind = route.path.split("/")[1] ?? "";

  test("answers what the document says, to the field", async () => {
    const { team, targets } = await furnished();
    const address = route.path.replace(/:\w+/, targets[kind] ?? "");
    // Only a team without an owner gets an owner link.
    const { id } = route.path === "/owner-link" ? await createTeam() : team;
    const query = route.path === "/teams" ? "" : `?team=${id}`;
    const sure = route.path === "/team" ? "&name=plant" : "";
    const answer = await ask(route, address + query + sure);
    const documentedAnswers = (await documented()).paths[route.path.replace(/:(\w+)/, "{$1}")]?.[
      route.method
    ]?.responses;

    expect(answer.status).toBe(route.status);
    strictly(route.answer ?? z.literal(""), await readAnswer(answer));
    expect(Object.keys(documentedAnswers ?? {})).toContain(String(answer.status));
  });

  test("answers errors of the documented form and status", async () => {
    const statuses = [...new Set([400, 401, 403, 413, ...route.errors])].map(String);
    const { path } = route;
    const asked = path.replace(/:\w+/, "none");
    const answers = [
      await fetchWorker(`/api/v1${asked}`, { method: route.method.toUpperCase() }),
      await ask(route, `${asked}?team=nonsense`),
      await fetchWorker(`/api/v1${asked}`, {
        method: route.method.toUpperCase(),
        headers: bearer(await (await createTeam()).accessToken()),
      }),
      ...(route.errors.includes(404) ? [await ask(route, `${asked}?team=${"ab".repeat(32)}`)] : []),
    ].filter(({ status }) => status >= 300);

    expect(answers.length).toBeGreaterThanOrEqual(2);
    for (const answer of answers) {
      expect(statuses).toContain(String(answer.status));
      strictly(errorSchema, await answer.json());
    }
  });
});
