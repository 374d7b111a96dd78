import { SignJWT } from "jose";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../worker/auth/secret.ts";
import { createKey, postEnrollment, signedProof, type DeviceKey } from "../support/device.ts";
import { objectIds } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { fetchWorker } from "../support/worker.ts";

afterEach(() => reset());

const key = await createKey();
const otherKey = await createKey();

async function request(joinToken: string, name = "gw-1", from: DeviceKey = key): Promise<object> {
  return { name, public_key: from.publicKey, proof: await signedProof(from, joinToken) };
}

describe("POST /relay/enroll", () => {
  test("gives a device what it needs to dial", async () => {
    const team = await createTeam("plant");
    const token = await team.joinToken();

    const response = await postEnrollment(token, await request(token));

    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      relay: "gw-1",
      relay_id: expect.stringMatching(/^[0-9a-f]{64}$/),
      installation: expect.stringMatching(/^[0-9a-f]{32}$/),
      team: { id: team.id, name: "plant" },
      link_url: "ws://localhost:8787/relay",
    });
  });

  test("names the link by the public address, whatever the request came to", async () => {
    const team = await createTeam();
    const token = await team.joinToken();

    const response = await fetchWorker(
      "http://aimdb.example.com/relay/enroll",
      {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body: JSON.stringify(await request(token)),
      },
      { PUBLIC_URL: "https://aimdb.example.com/" },
    );

    expect(await response.json()).toMatchObject({ link_url: "wss://aimdb.example.com/relay" });
  });

  test("repeats itself for the same token and key", async () => {
    const team = await createTeam();
    const token = await team.joinToken();
    const first = await postEnrollment(token, await request(token));
    const second = await postEnrollment(token, await request(token));

    expect(second.status).toBe(201);
    expect(await second.json()).toEqual(await first.json());
  });

  test.each([
    { name: "no token", tokenOf: () => "" },
    { name: "an access token", tokenOf: (_join: string, access: string) => access },
    {
      name: "an unknown secret",
      tokenOf: (join: string) => join.slice(0, -43) + "A".repeat(43),
    },
    {
      name: "an invented team",
      tokenOf: () => `aimdb_join_${"ab".repeat(32)}_${"A".repeat(43)}`,
    },
  ])("refuses $name with 401 and makes nothing", async ({ tokenOf }) => {
    const team = await createTeam();
    const join = await team.joinToken();
    const token = tokenOf(join, await team.accessToken());
    const before = [await objectIds("TEAM"), await objectIds("RELAY")];

    const response = await postEnrollment(token, await request(token));

    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(await response.json()).toMatchObject({ error: { code: "unauthorized" } });
    expect([await objectIds("TEAM"), await objectIds("RELAY")]).toEqual(before);
  });

  test("refuses another key with a token that is spent, as any other bad token", async () => {
    const team = await createTeam();
    const token = await team.joinToken();
    await postEnrollment(token, await request(token));
    const unknown = token.slice(0, -43) + "A".repeat(43);

    const spent = await postEnrollment(token, await request(token, "gw-2", otherKey));
    const bad = await postEnrollment(unknown, await request(unknown));

    expect(spent.status).toBe(401);
    expect(await spent.text()).toBe(await bad.text());
  });

  test("refuses a name that the token is not for", async () => {
    const team = await createTeam();
    const token = await team.joinToken({ name_pattern: "line-*" });

    const response = await postEnrollment(token, await request(token));

    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      error: { code: "name_not_allowed", message: expect.stringContaining("line-*") },
    });
  });

  test("refuses a name that is taken and says which is free", async () => {
    const team = await createTeam();
    const [first, second] = [await team.joinToken(), await team.joinToken()];
    await postEnrollment(first, await request(first));

    const response = await postEnrollment(second, await request(second, "gw-1", otherKey));

    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({
      error: { code: "name_taken", free_name: "gw-1-2" },
    });
  });
});

describe("the proof of an enrollment is refused", () => {
  async function enrollWith(proofOf: (token: string) => Promise<string>): Promise<Response> {
    const team = await createTeam();
    const token = await team.joinToken();
    return postEnrollment(token, {
      name: "gw-1",
      public_key: key.publicKey,
      proof: await proofOf(token),
    });
  }

  test.each([
    { name: "of another key", proofOf: (token: string) => signedProof(otherKey, token) },
    { name: "for another token", proofOf: (token: string) => signedProof(key, `${token}x`) },
    {
      name: "of another type",
      proofOf: async (token: string) =>
        new SignJWT({ join: await hashSecret(token) })
          .setProtectedHeader({ alg: "EdDSA", typ: "aimdb-relay+jwt" })
          .sign(key.sign),
    },
    {
      name: "by a shared secret",
      proofOf: async (token: string) =>
        new SignJWT({ join: await hashSecret(token) })
          .setProtectedHeader({ alg: "HS256", typ: "aimdb-relay-enroll+jwt" })
          .sign(new TextEncoder().encode(key.publicKey.x)),
    },
    { name: "that is none", proofOf: () => Promise.resolve("a.b.c") },
  ])("$name", async ({ proofOf }) => {
    const response = await enrollWith(proofOf);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_proof" } });
  });
});

describe("the body of an enrollment is refused", () => {
  test.each([
    { name: "that is not JSON", body: "{" },
    { name: "without a name", body: { name: undefined } },
    { name: "with a name in upper case", body: { name: "GW-1" } },
    { name: "with a name of 41 characters", body: { name: "a".repeat(41) } },
    {
      name: "with a key of another kind",
      body: { public_key: { kty: "RSA", n: "AQ", e: "AQAB" } },
    },
    { name: "with a key of another curve", body: { public_key: { crv: "P-256" } } },
    { name: "with a proof that is too long", body: { proof: "x".repeat(2_001) } },
  ])("$name", async ({ body }) => {
    const team = await createTeam();
    const token = await team.joinToken();
    const valid = await request(token);

    const response = await fetchWorker("/relay/enroll", {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: typeof body === "string" ? body : JSON.stringify({ ...valid, ...body }),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_input" } });
  });

  test("over 8 KiB", async () => {
    const team = await createTeam();
    const token = await team.joinToken();

    const response = await postEnrollment(token, { padding: "x".repeat(8_192) });

    expect(response.status).toBe(413);
  });
});
