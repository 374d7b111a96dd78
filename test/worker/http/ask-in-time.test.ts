/** Objects that hang: no request but a stream waits for longer than it may. */
import { Hono } from "hono";
import { afterEach, describe, expect, test } from "vitest";
import { app, type AppEnv } from "../../../worker/app.ts";
import type { Env } from "../../../worker/env.ts";
import { askInTime } from "../../../worker/http/ask-in-time.ts";
import { cleanUp } from "../support/clean-up.ts";
import { addToTeam, createPerson, signedIn } from "../support/person.ts";
import { createTeam } from "../support/team.ts";
import { ADMIN_TOKEN, bearer, bindings, ORIGIN, postApi } from "../support/worker.ts";

afterEach(cleanUp);

const never = () => new Promise<never>(() => {});

/** Each of its methods, but `answering`, is called and does not answer. */
function hanging(answering: object = {}): never {
  const object = new Proxy(answering, {
    get: (target, name) => Reflect.get(target, name) ?? (name === "then" ? undefined : never),
  });
  const id = () => "";
  return { get: () => object, idFromName: id, idFromString: id, newUniqueId: id } as never;
}

const ALL_HANG: Partial<Env> = {
  DIRECTORY: hanging(),
  ACCOUNT: hanging(),
  TEAM: hanging(),
  RELAY: hanging(),
  OAUTH_SHARD: hanging(),
};

const hurried = new Hono<AppEnv>()
  .use((context, next) => {
    context.set("askWithinMs", 50);
    return next();
  })
  .route("/", app);

function ask(path: string, init: RequestInit = {}, env: Partial<Env> = ALL_HANG) {
  const url = new URL(path, ORIGIN);
  const headers = new Headers(init.headers);
  headers.set("host", url.host);
  const request = new Request(url, { redirect: "manual", ...init, headers });
  return hurried.fetch(request, { ...bindings, ...env });
}

const FORM = { "content-type": "application/x-www-form-urlencoded" };

async function cookie(): Promise<string> {
  const person = await createPerson();
  await addToTeam(person, (await createTeam()).id, "owner");
  return `session=${(await signedIn(person)).cookie("session")}`;
}

describe("a request whose object hangs is answered 503", () => {
  test("by the API, which says whether a change may still happen", async () => {
    const headers = bearer(ADMIN_TOKEN);

    const looked = await ask("/api/v1/teams", { headers });
    const changed = await ask("/api/v1/teams", { method: "POST", headers, body: '{"name":"a"}' });

    expect([looked.status, changed.status]).toEqual([503, 503]);
    expect(looked.headers.get("retry-after")).toBe("5");
    expect(await looked.json()).toEqual({
      error: { code: "deadline_exceeded", message: expect.stringContaining("Try again") },
    });
    expect(await changed.json()).toMatchObject({
      error: { message: expect.stringContaining("may have been done") },
    });
  });

  test.each(["/oauth/token", "/oauth/register"])("by %s in OAuth's form", async (path) => {
    const body = path.endsWith("token")
      ? "grant_type=refresh_token&client_id=abcdefgh&refresh_token=x"
      : '{"redirect_uris":["https://client.example/back"],"token_endpoint_auth_method":"none"}';
    const headers = path.endsWith("token") ? FORM : { "content-type": "application/json" };

    const response = await ask(path, { method: "POST", headers, body });

    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("5");
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toMatchObject({ error: "temporarily_unavailable" });
  });

  test.each(["/", "/team", "/activity", "/confirm/a.b"])("by the page %s", async (path) => {
    const response = await ask(path, { headers: { accept: "text/html", cookie: await cookie() } });

    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(await response.text()).toContain("Try again in a moment");
  });

  test("by the page of an invitation", async () => {
    const team = (await createTeam()).id;
    const made = await postApi("invitations", { team, role: "viewer" });
    const { url } = await made.json<{ url: string }>();

    expect((await ask(url, { headers: { accept: "text/html" } })).status).toBe(503);
  });

  test("by a page with a form, which says that it may have happened", async () => {
    const response = await ask("/team", {
      method: "POST",
      headers: { accept: "text/html", cookie: await cookie(), ...FORM },
      body: "",
    });

    expect(response.status).toBe(503);
    expect(await response.text()).toContain("may have been done");
  });
});

test("one deadline covers everything that a request asks", async () => {
  const asked: string[] = [];
  const teams = hanging({
    teams: async () => asked.push("teams"),
    defaultTeam: () => {
      asked.push("defaultTeam");
      return never();
    },
  });
  const one = new Hono<AppEnv>()
    .use((context, next) => {
      context.set("askWithinMs", 20);
      return next();
    })
    .use(askInTime)
    .get("/", async ({ env }) => {
      const directory = env.DIRECTORY.get(env.DIRECTORY.idFromName("directory"));
      await directory.teams();
      const ends = await Promise.allSettled([directory.defaultTeam()]);
      ends.push(...(await Promise.allSettled([directory.defaultTeam()])));
      return Response.json(ends.map(({ status }) => status));
    });

  const response = await one.fetch(new Request(ORIGIN), { ...bindings, DIRECTORY: teams });

  expect(await response.json()).toEqual(["rejected", "rejected"]);
  expect(asked).toEqual(["teams", "defaultTeam"]);
});

test("a stream keeps asking after its answer has begun, when the request's own time is over", async () => {
  const teams = hanging({ probeStorage: () => Promise.resolve(true) });
  const one = new Hono<AppEnv>()
    .use((context, next) => {
      context.set("askWithinMs", 0);
      return next();
    })
    .use(askInTime)
    .get("/", ({ env }) => {
      const directory = env.DIRECTORY.get(env.DIRECTORY.idFromName("directory"));
      const pull = async (controller: ReadableStreamDefaultController) => {
        controller.enqueue(new TextEncoder().encode(String(await directory.probeStorage(0))));
        controller.close();
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    });

  const response = await one.fetch(new Request(ORIGIN), { ...bindings, DIRECTORY: teams });

  expect(await response.text()).toBe("true");
});
