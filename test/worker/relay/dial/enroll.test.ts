import { SignJWT } from "jose";
import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { hashSecret } from "../../../../worker/auth/secret.ts";
import { createKey, postEnrollment, signedProof, type DeviceKey } from "../../support/device.ts";
import { inObject, objectIds } from "../../support/objects.ts";
import { createTeam } from "../../support/team.ts";
import { fetchWorker } from "../../support/worker.ts";

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

  test("refuses a spent and an expired token like one that never existed [E-7]", async () => {
    const team = await createTeam();
    const [token, old] = [await team.joinToken(), await team.joinToken()];
    await postEnrollment(token, await request(token));
    const hash = await hashSecret(old);
    await inObject("TEAM", team.id, ({ storage: { sql } }) => {
      sql.exec("UPDATE join_token SET expires_at = 0 WHERE hash = ?", hash);
    });
    const unknown = token.slice(0, -43) + "A".repeat(43);

    const answerTo = async (joinToken: string) => {
      const body = await request(joinToken, "gw-2", otherKey);
      const response = await postEnrollment(joinToken, body);
      return [response.status, [...response.headers], await response.text()];
    };
    const bad = await answerTo(unknown);

    expect(bad[0]).toBe(401);
    expect(await answerTo(token)).toEqual(bad);
    expect(await answerTo(old)).toEqual(bad);
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
  ])("$name [E-3]", async ({ proofOf }) => {
    const response = await enrollWith(proofOf);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "invalid_proof" } });
  });
});

test("an enrollment that is refused leaves its join token unspent [E-4]", async () => {
  const team = await createTeam();
  const token = await team.joinToken({ name_pattern: "gw-*" });
  const valid = await request(token);
  const refused = [
    await postEnrollment(token, { ...valid, proof: await signedProof(otherKey, token) }),
    await postEnrollment(token, { ...valid, name: "GW-1" }),
    await postEnrollment(token, await request(token, "other")),
    await postEnrollment(token, { ...valid, padding: "x".repeat(8_192) }),
  ];

  const response = await postEnrollment(token, await request(token, "gw-2", otherKey));

  expect(refused.map(({ status }) => status)).toEqual([400, 400, 403, 413]);
  expect(response.status).toBe(201);
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

  test("over 8 KiB before it is parsed [E-2]", async () => {
    const token = await (await createTeam()).joinToken();
    const answerTo = async (body: string) => {
      const response = await fetchWorker("/relay/enroll", {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
        body,
      });
      return [response.status, await response.json()];
    };

    expect(await answerTo("{".repeat(8_192))).toMatchObject([
      400,
      { error: { code: "invalid_input" } },
    ]);
    expect(await answerTo("{".repeat(8_193))).toMatchObject([
      413,
      { error: { code: "too_large" } },
    ]);
  });
});
