import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../../worker/auth/secret.ts";
import { EntryStore } from "../../../../worker/oauth/storage/entry-store.ts";
import { SHARD_MIGRATIONS } from "../../../../worker/oauth/storage/schema.ts";
import { shardOf } from "../../../../worker/oauth/storage/shards.ts";
import { migrate } from "../../../../worker/storage/migrate.ts";
import {
  authorizePath,
  CALLBACK,
  connect,
  createPkce,
  errorOf,
  postRegistration,
} from "../../support/oauth.ts";
import { inObject, objectIds } from "../../support/objects.ts";
import { createPerson, signedIn } from "../../support/person.ts";
import { bindings, fetchWorker } from "../../support/worker.ts";

afterEach(() => reset());

const DAY_S = 86_400;

/** In days from now. */
async function lifetimeOf(clientId: string): Promise<number> {
  const text = await (await shardOf(bindings, `client:${clientId}`)).get(`client:${clientId}`);
  const { registrationExpiresAt } = JSON.parse(text ?? "{}") as { registrationExpiresAt: number };
  return Math.round((registrationExpiresAt - Date.now() / 1_000) / DAY_S);
}

describe("a registration", () => {
  test("gives a public client an id, and repeats what it holds", async () => {
    const response = await postRegistration({
      redirect_uris: [CALLBACK],
      client_name: "Claude Code",
      token_endpoint_auth_method: "none",
    });

    expect(response.status).toBe(201);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("cache-control")).toBe("no-store");
    const client = await response.json();
    expect(client).toMatchObject({
      client_id: expect.stringMatching(/^[\w-]{16}$/),
      client_name: "Claude Code",
      redirect_uris: [CALLBACK],
      token_endpoint_auth_method: "none",
    });
    expect(client).not.toHaveProperty("client_secret");
  });

  test("gives a client that names no method a secret that ends with the client only", async () => {
    const response = await postRegistration({ redirect_uris: [CALLBACK] });

    expect(await response.json()).toMatchObject({
      token_endpoint_auth_method: "client_secret_basic",
      client_secret: expect.stringMatching(/^[\w-]{32}$/),
      client_secret_expires_at: 0,
    });
  });

  test("keeps nothing that is not used: logo, policy, contacts, other languages", async () => {
    const response = await postRegistration({
      redirect_uris: [CALLBACK],
      logo_uri: "https://evil.example/logo.svg",
      policy_uri: "https://evil.example/policy",
      contacts: ["mallory@evil.example"],
      "client_name#de": "Böse",
    });

    expect(await response.text()).not.toContain("evil.example");
  });

  test("leaves out redirect addresses that can't be used, and says so", async () => {
    const response = await postRegistration({
      redirect_uris: ["vscode://callback", "http://example.com/", CALLBACK, "javascript:alert(1)"],
    });

    expect(await response.json()).toMatchObject({ redirect_uris: [CALLBACK] });
  });

  test.each([
    [],
    ["javascript:alert(1)"],
    ["data:text/html,x"],
    ["http://example.com/callback"],
    ["https://example.com/#fragment"],
    ["https://user:password@example.com/"],
    ["other://anysphere.cursor-mcp/oauth/callback"],
    ["cursor://evil/oauth/callback"],
    [`https://example.com/${"x".repeat(3_000)}`],
    Array.from({ length: 11 }, (_, i) => `https://example.com/${i}`),
  ])("is refused with the redirect addresses %j", async (...redirect_uris) => {
    const response = await postRegistration({ redirect_uris });

    expect(await errorOf(response)).toEqual({ status: 400, error: "invalid_redirect_uri" });
  });

  test.each(["", "x".repeat(81), "a\u202eb", "a\u0000b", "a\u200bb", "a\nb"])(
    "is refused with the name %j",
    async (client_name) => {
      const response = await postRegistration({ redirect_uris: [CALLBACK], client_name });

      expect(await errorOf(response)).toEqual({ status: 400, error: "invalid_client_metadata" });
    },
  );

  test.each(["", "[]", "null", "{", `{"redirect_uris":${"[".repeat(50)}${"]".repeat(50)}}`])(
    "is refused with the body %j",
    async (body) => {
      expect(await errorOf(await postRegistration(body))).toEqual({
        status: 400,
        error: "invalid_client_metadata",
      });
    },
  );

  test("is refused with more than 8 KiB", async () => {
    const body = JSON.stringify({ redirect_uris: [CALLBACK], padding: "x".repeat(8_192) });

    expect(await errorOf(await postRegistration(body))).toEqual({
      status: 413,
      error: "invalid_client_metadata",
    });
  });

  test.each(["GET", "PUT", "DELETE"])("is no %s", async (method) => {
    const response = await fetchWorker("/oauth/register", { method });

    expect(response.status).toBe(405);
  });

  test("is the library's to refuse for what it can't do", async () => {
    const metadata = { redirect_uris: [CALLBACK], token_endpoint_auth_method: "tls_client_auth" };

    expect(await errorOf(await postRegistration(metadata))).toEqual({
      status: 400,
      error: "invalid_client_metadata",
    });
  });
});

describe("the rate of registrations", () => {
  test("is ten an hour from one address", async () => {
    const statuses = [];
    for (let i = 0; i < 11; i += 1) {
      const response = await postRegistration({ redirect_uris: [CALLBACK] }, {}, "203.0.113.1");
      statuses.push(response.status);
    }

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429]);
    const other = await postRegistration({ redirect_uris: [CALLBACK] }, {}, "203.0.113.2");
    expect(other.status).toBe(201);
  });

  test("is a hundred an hour from one network, however many addresses it has", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 101; n += 1) {
      const address = `2001:db8:7:${n.toString(16)}::1`;
      statuses.push((await postRegistration({ redirect_uris: [CALLBACK] }, {}, address)).status);
    }
    const elsewhere = await postRegistration({ redirect_uris: [CALLBACK] }, {}, "2001:db8:8::1");

    expect(statuses).toEqual([...Array.from({ length: 100 }, () => 201), 429]);
    expect(elsewhere.status).toBe(201);
  });

  test("is one for all of a /64, and one for IPv4 however it is written", async () => {
    const statuses = [];
    for (let i = 0; i < 10; i += 1) {
      const address = `2001:db8:0:1:${i}::1`;
      statuses.push((await postRegistration({ redirect_uris: [CALLBACK] }, {}, address)).status);
    }
    for (const address of ["2001:DB8:0:1::99", "2001:db8:0:2::99"]) {
      statuses.push((await postRegistration({ redirect_uris: [CALLBACK] }, {}, address)).status);
    }

    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429, 201]);
  });

  test("is a hundred an hour for all behind a proxy on this machine together", async () => {
    const key = `register:${await hashSecret("")}`;
    const windowMs = 3_600_000;
    const shard = await shardOf(bindings, key);
    for (let i = 0; i < 99; i += 1) await shard.take({ key, limit: 100, windowMs });

    const statuses = [];
    for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1", "unknown"]) {
      statuses.push((await postRegistration({ redirect_uris: [CALLBACK] }, {}, address)).status);
    }

    expect(statuses).toEqual([201, 429, 429, 429]);
  });

  test("is not spent by what is refused anyway", async () => {
    for (let i = 0; i < 12; i += 1) await postRegistration("{", {}, "203.0.113.3");

    const response = await postRegistration({ redirect_uris: [CALLBACK] }, {}, "203.0.113.3");

    expect(response.status).toBe(201);
  });
});

/** As many as a shard holds of clients that nobody consented to. */
async function fill(shardName: string): Promise<void> {
  const id = bindings.OAUTH_SHARD.idFromName(shardName).toString();
  await inObject("OAUTH_SHARD", id, ({ storage }) => {
    migrate(storage, SHARD_MIGRATIONS);
    const entries = new EntryStore(storage.sql, Date.now);
    const expiresAtMs = Date.now() + DAY_S * 1_000;
    for (let n = 0; n < 62; n += 1) {
      entries.put(`client:filler-${n}`, { value: "{}", metadata: '"new"', expiresAtMs });
    }
  });
}

describe("a client that nobody consented to", () => {
  test("is kept for a day; with its first token it stays for 90", async () => {
    const response = await postRegistration({ redirect_uris: [CALLBACK] });
    const { client_id } = await response.json<{ client_id: string }>();

    const { clientId } = await connect();

    expect(await lifetimeOf(client_id)).toBe(1);
    expect(await lifetimeOf(clientId)).toBe(90);
  });

  test("is unknown after it expires", async () => {
    const response = await postRegistration({ redirect_uris: [CALLBACK] });
    const { client_id } = await response.json<{ client_id: string }>();
    for (const id of await objectIds("OAUTH_SHARD")) {
      await inObject("OAUTH_SHARD", id, ({ storage: { sql } }) => {
        const [table] = sql
          .exec("SELECT 1 FROM sqlite_master WHERE name = 'oauth_entry'")
          .toArray();
        if (table !== undefined) sql.exec("UPDATE oauth_entry SET expires_at = 1");
      });
    }
    const browser = await signedIn(await createPerson());

    const page = await browser.get(authorizePath(client_id, (await createPkce()).challenge));

    expect(page.status).toBe(400);
  });

  test("replaces the oldest if there are too many of them, never a used one", async () => {
    const { clientId: used } = await connect();
    await Promise.all(Array.from({ length: 16 }, (_, number) => fill(`oauth-${number}`)));

    const response = await postRegistration({ redirect_uris: [CALLBACK] });
    const { client_id } = await response.json<{ client_id: string }>();

    expect(response.status).toBe(201);
    const shard = await shardOf(bindings, `client:${client_id}`);
    expect(await shard.get(`client:${client_id}`)).not.toBeNull();
    expect(await shard.get("client:filler-0")).toBeNull();
    expect(await shard.get("client:filler-1")).toBe("{}");
    expect(await lifetimeOf(used)).toBe(90);
  });
});
