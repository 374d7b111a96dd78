/** `/grants` and `/external-subjects`: who acts for whom, and how it ends. */
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { teamOf } from "../../../worker/team/stub.ts";
import type { Browser } from "../support/browser.ts";
import { connect, plantGrants, statusWith, type Connection } from "../support/oauth.ts";
import { addToTeam, createPerson, sessionOf, signedIn } from "../support/person.ts";
import { ADMIN_TOKEN, bearer, bindings, fetchWorker, ORIGIN } from "../support/worker.ts";

let connection: Connection;

beforeEach(async () => {
  connection = await connect();
});

afterEach(() => reset());

function operator(path: string, init: RequestInit = {}): Promise<Response> {
  return fetchWorker(`/api/v1${path}?team=${connection.team}`, {
    ...init,
    headers: { ...bearer(ADMIN_TOKEN), "content-type": "application/json" },
  });
}

/** As a page does it: with the session's cookie and, for a change, its token in a header. */
async function asPerson(browser: Browser, path: string, method = "GET"): Promise<Response> {
  const csrf = (await sessionOf(browser))?.csrfToken ?? "";
  return fetchWorker(`/api/v1${path}`, {
    method,
    headers: {
      cookie: `session=${browser.cookie("session")}`,
      origin: ORIGIN,
      "x-csrf-token": csrf,
    },
  });
}

async function grantsOf(response: Response): Promise<{ id: string }[]> {
  expect(response.status).toBe(200);
  return (await response.json<{ grants: { id: string }[] }>()).grants;
}

describe("/grants", () => {
  test("shows the operator every client that is connected", async () => {
    expect(await grantsOf(await operator("/grants"))).toEqual([
      {
        id: expect.stringMatching(/^[\w-]{16}$/) as string,
        member: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        client_name: "Test Client",
        redirect_host: "127.0.0.1:33418",
        scopes: ["aimdb:read"],
        created_at: expect.stringMatching(/^20\d\d-.*Z$/) as string,
      },
    ]);
  });

  test("shows a person their own, and nobody else's", async () => {
    const other = await createPerson("other");
    await addToTeam(other, connection.team, "operator");
    const browser = await signedIn(other);

    expect(await grantsOf(await asPerson(connection.browser, "/grants"))).toHaveLength(1);
    expect(await grantsOf(await asPerson(browser, "/grants"))).toEqual([]);
  });

  test("ends one at once, for its person", async () => {
    const [grant] = await grantsOf(await asPerson(connection.browser, "/grants"));

    const response = await asPerson(connection.browser, `/grants/${grant?.id}`, "DELETE");

    expect(response.status).toBe(204);
    expect(await statusWith(connection.tokens.access_token)).toBe(401);
    expect(await grantsOf(await operator("/grants"))).toEqual([]);
  });

  test("answers for another's as for one that never existed", async () => {
    const [grant] = await grantsOf(await operator("/grants"));
    const other = await createPerson("other");
    await addToTeam(other, connection.team, "viewer");
    const browser = await signedIn(other);

    const foreign = await asPerson(browser, `/grants/${grant?.id}`, "DELETE");
    const missing = await asPerson(browser, `/grants/${"x".repeat(16)}`, "DELETE");

    expect([foreign.status, await foreign.text()]).toEqual([404, await missing.text()]);
    expect(await statusWith(connection.tokens.access_token)).toBe(200);
  });

  test("is not available to an OAuth client itself", async () => {
    const response = await fetchWorker("/api/v1/grants", {
      headers: bearer(connection.tokens.access_token),
    });

    expect(response.status).toBe(401);
  });

  test("is empty after its person left", async () => {
    const [member] = (await teamOf(bindings, connection.team)?.members()) ?? [];
    const successor = await createPerson("successor");
    await addToTeam(successor, connection.team, "owner");

    const removed = await operator(`/members/${member?.id}`, { method: "DELETE" });

    expect(removed.status).toBe(204);
    expect(await statusWith(connection.tokens.access_token)).toBe(401);
    expect(await grantsOf(await operator("/grants"))).toEqual([]);
    await addToTeam(connection.person, connection.team, "operator");
    expect(await statusWith(connection.tokens.access_token)).toBe(401);
  });
});

interface Page {
  readonly grants: { readonly id: string }[];
  readonly next: string | null;
}

/** Page by page; before the next is asked for, `between` gets the one at hand. */
async function readAll(
  ask: (after: string) => Promise<Response>,
  between: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<Page[]> {
  const pages: Page[] = [];
  let after: string | null = "";
  while (after !== null) {
    const page: Page = await (await ask(after)).json();
    pages.push(page);
    await between(page);
    after = page.next;
  }
  return pages;
}

describe("/grants of many clients", () => {
  const all = (after: string) =>
    fetchWorker(`/api/v1/grants?team=${connection.team}${after === "" ? "" : `&after=${after}`}`, {
      headers: bearer(ADMIN_TOKEN),
    });

  test("are listed a hundred at a time, each once, whoever they act for", async () => {
    const other = await createPerson("other");
    await addToTeam(other, connection.team, "operator");
    const ids = await plantGrants(connection.team, connection.person, 210);
    await plantGrants(connection.team, other, 110);

    const pages = await readAll(all);
    const own = await readAll((after) =>
      asPerson(connection.browser, `/grants${after === "" ? "" : `?after=${after}`}`),
    );

    expect(pages.map(({ grants }) => grants.length)).toEqual([100, 100, 100, 21]);
    const keys = pages.flatMap(({ grants }) => grants.map((grant) => JSON.stringify(grant)));
    expect(new Set(keys).size).toBe(321);
    expect(own.map(({ grants }) => grants.length)).toEqual([100, 100, 11]);
    expect(own.flatMap(({ grants }) => grants.map(({ id }) => id))).toEqual(
      expect.arrayContaining(ids),
    );
  });

  test("continue where they were if all that was shown has ended", async () => {
    await plantGrants(connection.team, connection.person, 110);

    const pages = await readAll(all, ({ grants }) =>
      Promise.all(grants.map(({ id }) => operator(`/grants/${id}`, { method: "DELETE" }))),
    );

    expect(pages.map(({ grants }) => grants.length)).toEqual([100, 11]);
    expect(await grantsOf(await operator("/grants"))).toEqual([]);
  });

  test("end each, however many there are", async () => {
    const [last = ""] = (await plantGrants(connection.team, connection.person, 600)).toReversed();

    const response = await operator(`/grants/${last}`, { method: "DELETE" });

    expect(response.status).toBe(204);
    const ids = (await readAll(all)).flatMap(({ grants }) => grants.map(({ id }) => id));
    expect(ids).toHaveLength(600);
    expect(ids).not.toContain(last);
  });

  test("are not shown from anywhere else", async () => {
    expect((await all("nowhere")).status).toBe(400);
  });
});

describe("/external-subjects", () => {
  const ADA = { id: "a".repeat(64), subject: "ada", nowMs: 0 };

  test("shows who came, and blocks them", async () => {
    const stub = teamOf(bindings, connection.team);
    await stub?.admitSubject(ADA);
    const block = (blocked: boolean) =>
      operator(`/external-subjects/${ADA.id}`, {
        method: "PATCH",
        body: JSON.stringify({ blocked }),
      });

    expect((await block(true)).status).toBe(204);
    expect(await stub?.admitSubject(ADA)).toBeNull();
    expect(await (await operator("/external-subjects")).json()).toEqual({
      external_subjects: [
        { id: ADA.id, subject: "ada", first_used_at: "1970-01-01T00:00:00.000Z", blocked: true },
      ],
    });
    expect((await block(false)).status).toBe(204);
    expect(await stub?.admitSubject(ADA)).toMatchObject({ auditReads: "batched" });
  });

  test("knows nobody who never came", async () => {
    const init = { method: "PATCH", body: '{"blocked":true}' };

    expect((await operator(`/external-subjects/${"b".repeat(64)}`, init)).status).toBe(404);
  });

  test("is for owners", async () => {
    expect((await asPerson(connection.browser, "/external-subjects")).status).toBe(403);
  });
});
