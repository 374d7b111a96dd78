import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { directoryOf } from "../../../worker/directory/stub.ts";
import { inObject } from "../support/objects.ts";
import { addToTeam, createPerson } from "../support/person.ts";
import { createTeam } from "../support/team.ts";
import { passwordActionsOf } from "../support/team-log.ts";
import { bindings, ORIGIN, postApi } from "../support/worker.ts";

afterEach(() => reset());

const HOUR_MS = 3_600_000;

describe("POST /api/v1/password-links", () => {
  test("makes a link that is good for an hour, for an address in any case", async () => {
    const { email, accountId } = await createPerson();
    const before = Date.now();
    const response = await postApi("password-links", { email: ` ${email.toUpperCase()} ` });
    const link = await response.json<Record<string, string>>();

    expect(response.status).toBe(201);
    expect(link).toEqual({
      url: expect.stringMatching(`^${ORIGIN}/password/aimdb_password_${accountId}_[\\w-]{43}$`),
      expires_at: expect.any(String),
    });
    const expiresAt = Date.parse(link["expires_at"] ?? "");
    expect(expiresAt).toBeGreaterThanOrEqual(before + HOUR_MS);
    expect(expiresAt).toBeLessThanOrEqual(Date.now() + HOUR_MS);
  });

  test("says so if nobody has the address", async () => {
    const response = await postApi("password-links", { email: "nobody@example.com" });

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "unknown_person" } });
  });

  test("makes none for a person who signs in at a provider", async () => {
    const identity = { issuer: "https://id.example", subject: "grace" };
    const email = "grace@example.com";
    const account = { email, displayName: "Grace", password: null, identity, nowMs: Date.now() };
    await directoryOf(bindings).createAccount(account);

    const response = await postApi("password-links", { email });

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: "no_password" } });
  });

  test.each([{}, { email: "no address" }, { email: "a@example.com", more: 1 }])(
    "refuses %j",
    async (body) => {
      expect((await postApi("password-links", body)).status).toBe(400);
    },
  );

  test("is logged in the person's teams, and in no other", async () => {
    const person = await createPerson();
    const team = await createTeam();
    const { id } = await createTeam("other");
    await addToTeam(person, team.id, "viewer");

    await postApi("password-links", { email: person.email });

    expect(await passwordActionsOf(team.id)).toHaveLength(1);
    expect(await passwordActionsOf(id)).toEqual([]);
  });

  test("makes none that a team's log can't record", async () => {
    const person = await createPerson();
    const team = await createTeam();
    await addToTeam(person, team.id, "viewer");
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      sql.exec("ALTER TABLE audit RENAME TO lost");
    });

    const response = await postApi("password-links", { email: person.email });

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: "audit_unavailable" } });
    const stored = inObject("ACCOUNT", person.accountId, ({ storage: { sql } }) =>
      sql.exec("SELECT * FROM password_link").toArray(),
    );
    expect(await stored).toEqual([]);
  });
});
