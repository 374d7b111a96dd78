import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { randomSecret } from "../../../worker/auth/secret.ts";
import { createTeam } from "../support/team.ts";
import { Browser } from "../support/browser.ts";
import { dumpOf } from "../support/objects.ts";
import { addToTeam, createPerson, PASSWORD, sessionOf, signIn } from "../support/person.ts";
import { bindings } from "../support/worker.ts";

afterEach(() => reset());

const EVIL = { origin: "https://evil.example" };

describe("signing in", () => {
  test("opens a session that knows the person, their teams and roles", async () => {
    const [person, team] = [await createPerson("ada"), await createTeam("plant")];
    await addToTeam(person, team.id, "operator");

    const browser = await signIn(person);

    expect(await sessionOf(browser)).toMatchObject({
      accountId: person.accountId,
      email: person.email,
      displayName: "ada",
      csrfToken: expect.stringMatching(/^[0-9a-f]{64}$/),
      memberships: [{ teamId: team.id, teamName: "plant", role: "operator" }],
    });
  });

  test("takes the address in any case, with space around", async () => {
    const person = await createPerson();
    const answer = await new Browser().post("/login", {
      email: ` ${person.email.toUpperCase()} `,
      password: PASSWORD,
    });

    expect(answer.status).toBe(303);
  });

  test.each([
    ["/oauth/authorize?a=b", "/oauth/authorize?a=b"],
    ["https://evil.example", "/"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["/.//evil.example", "/"],
  ])("with next=%s goes on to %s", async (next, path) => {
    const person = await createPerson();
    const address = `/login?next=${encodeURIComponent(next)}`;
    const browser = new Browser();
    const fields = { email: person.email, password: PASSWORD };

    const answer = await browser.post(address, fields);
    const again = await browser.get(address);

    expect(answer.headers.get("location")).toBe(path);
    expect([again.status, again.headers.get("location")]).toEqual([303, path]);
  });

  test("puts where to go on into the form, escaped", async () => {
    const next = '/a?b="><script>alert(1)</script>';
    const page = await (await new Browser().get(`/login?next=${encodeURIComponent(next)}`)).text();

    expect(page).toContain('action="/login?next=%2Fa%3Fb');
    expect(page).not.toContain("<script");
  });

  test("takes no session that the browser brought, and ends the one it had", async () => {
    const [ada, mallory] = [await createPerson("ada"), await createPerson("mallory")];
    const victim = await signIn(mallory);
    const planted = victim.cookie("session") ?? "";

    await signIn(ada, victim);
    const old = new Browser();
    old.setCookie("session", planted);

    expect(victim.cookie("session")).not.toBe(planted);
    expect((await sessionOf(victim))?.accountId).toBe(ada.accountId);
    expect(await sessionOf(old)).toBeUndefined();
  });

  test("takes no secret that the browser brought", async () => {
    const ada = await createPerson("ada");
    const browser = new Browser();
    const planted = `${ada.accountId}.${randomSecret()}`;
    browser.setCookie("session", planted);

    await signIn(ada, browser);
    const attacker = new Browser();
    attacker.setCookie("session", planted);

    expect(await sessionOf(attacker)).toBeUndefined();
  });

  test.each([EVIL, { origin: "null" }])("is not done by a page of %j", async (headers) => {
    const person = await createPerson();
    const browser = new Browser();
    const fields = { email: person.email, password: PASSWORD };

    expect((await browser.post("/login", fields, headers)).status).toBe(403);
    expect(browser.cookie("session")).toBeUndefined();
  });
});

describe("a failed sign-in", () => {
  test("is answered alike for an unknown address and a wrong password", async () => {
    const person = await createPerson();
    const attempt = async (email: string) => {
      const answer = await new Browser().post("/login", { email, password: "wrong password 1" });
      const text = (await answer.text()).replaceAll(/nonce="\w+"/g, "");
      const headers = [...answer.headers].filter(([name]) => name !== "content-security-policy");
      return { status: answer.status, text, headers };
    };

    const [known, unknown] = [await attempt(person.email), await attempt("nobody@example.com")];

    expect(known.status).toBe(401);
    expect(known.text).not.toContain(person.email);
    expect(unknown).toEqual(known);
  });

  test("delays the sixth within a quarter of an hour, also with the right password", async () => {
    const person = await createPerson();
    const attempt = (password: string) =>
      new Browser().post("/login", { email: person.email, password });
    const statuses: number[] = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await attempt(`wrong password ${i}`)).status);
    const delayed = await attempt(PASSWORD);

    expect(statuses).toEqual([401, 401, 401, 401, 401]);
    expect(delayed.status).toBe(429);
    expect(Number(delayed.headers.get("retry-after"))).toBeLessThanOrEqual(180);
    expect(Number(delayed.headers.get("retry-after"))).toBeGreaterThan(170);
  });

  test("delays nobody in another network", async () => {
    const person = await createPerson();
    const attempt = (password: string, address: string) =>
      new Browser({}, address).post("/login", { email: person.email, password });
    for (let i = 0; i < 6; i += 1) await attempt("wrong password", `203.0.113.${i}`);

    expect((await attempt(PASSWORD, "203.0.113.9")).status).toBe(429);
    expect((await attempt(PASSWORD, "198.51.100.7")).status).toBe(303);
  });

  test("delays an address without an account in the same way", async () => {
    const attempt = () =>
      new Browser().post("/login", { email: "nobody@example.com", password: "wrong password" });
    const statuses: number[] = [];
    for (let i = 0; i < 6; i += 1) statuses.push((await attempt()).status);

    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test("counts guesses that are made at the same time", async () => {
    const person = await createPerson();
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        new Browser().post("/login", { email: person.email, password: `wrong password ${i}` }),
      ),
    );

    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
  });

  test("is forgiven by the right password", async () => {
    const person = await createPerson();
    for (let i = 0; i < 4; i += 1) {
      await new Browser().post("/login", { email: person.email, password: "wrong password" });
    }
    await signIn(person);
    const answer = await new Browser().post("/login", { email: person.email, password: "wrong" });

    expect(answer.status).toBe(401);
    expect((await new Browser().get("/login")).status).toBe(200);
  });

  test("counts for its network address too, whoever is tried", async () => {
    const browser = new Browser();
    const statuses: number[] = [];
    // Ten a minute; the minute may turn in between.
    while (statuses.at(-1) !== 429 && statuses.length <= 20) {
      const fields = { email: `p${statuses.length}@example.com`, password: "wrong password" };
      statuses.push((await browser.post("/login", fields)).status);
    }

    expect(statuses.length).toBeGreaterThan(10);
    expect(statuses.slice(0, -1).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  test("leaves no address behind in the clear", async () => {
    await new Browser().post("/login", { email: "nobody@example.com", password: "wrong" });
    const id = bindings.DIRECTORY.idFromName("directory").toString();

    expect(await dumpOf("DIRECTORY", id)).not.toContain("nobody@example.com");
  });

  test.each([
    { email: "no address", password: PASSWORD },
    { email: "a@example.com", password: "x".repeat(300) },
    { email: "a@example.com" },
    { email: "a@example.com", password: "x".repeat(5_000) },
  ])("with a form of another kind is one like the others (case %#)", async (fields) => {
    const answer = await new Browser().post("/login", fields);

    expect(answer.status).toBe(401);
  });
});

describe("signing out", () => {
  test("ends the session, not only the cookie", async () => {
    const browser = await signIn(await createPerson());
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";
    const cookie = browser.cookie("session") ?? "";

    const answer = await browser.post("/logout", { csrf });
    const kept = browser.cookie("session");
    browser.setCookie("session", cookie);

    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/login"]);
    expect(kept).toBeUndefined();
    expect(await sessionOf(browser)).toBeUndefined();
  });

  test("is not done by a foreign page, nor without the token", async () => {
    const browser = await signIn(await createPerson());
    const csrf = (await sessionOf(browser))?.csrfToken ?? "";

    expect((await browser.post("/logout", { csrf }, EVIL)).status).toBe(403);
    expect((await browser.post("/logout", { csrf: "x" })).status).toBe(403);
    expect((await browser.post("/logout", {})).status).toBe(403);
    expect(await sessionOf(browser)).toBeDefined();
  });
});

test("the sign-in page may be followed by any address, and loads and frames nothing", async () => {
  const answer = await new Browser().get("/login");
  const policy = answer.headers.get("content-security-policy") ?? "";

  expect(policy).toMatch(/^default-src 'none'; style-src 'nonce-\w+'; base-uri 'none'; frame-/);
  expect(policy).not.toContain("form-action");
  expect(answer.headers.get("x-frame-options")).toBe("DENY");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(await answer.text()).not.toMatch(/<script|<link|<img|src=|https?:/);
});
