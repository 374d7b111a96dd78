import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { ExternalIssuer } from "../../../worker/external/external-issuer.ts";
import type { ExternalSettings } from "../../../worker/external/settings.ts";

const SETTINGS: ExternalSettings = {
  issuer: "https://idp.example",
  jwks_url: "https://idp.example/keys",
  algorithms: ["ES256"],
  audiences: ["https://aimdb.example/mcp"],
  client_ids: [],
  team: "a".repeat(64),
  role: "viewer",
};
const NOW_S = 1_800_000_000;

type Keys = Awaited<ReturnType<typeof generateKeyPair>>;
let keys: Keys;
let otherKeys: Keys;

beforeAll(async () => {
  keys = await generateKeyPair("ES256", { extractable: true });
  otherKeys = await generateKeyPair("ES256", { extractable: true });
});

async function publicKeys(shown: Record<string, Keys>): Promise<Response> {
  const all = await Promise.all(
    Object.entries(shown).map(async ([kid, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid,
    })),
  );
  return Response.json({ keys: all });
}

interface Bench {
  readonly issuer: ExternalIssuer;
  readonly clock: { nowMs: number };
  readonly asked: string[];
  shown: () => Response | Promise<Response>;
}

function bench(settings: Partial<ExternalSettings> = {}): Bench {
  const clock = { nowMs: NOW_S * 1_000 };
  const asked: string[] = [];
  const it: { shown: Bench["shown"] } = { shown: () => publicKeys({ one: keys }) };
  const fetch = (url: string) => {
    asked.push(url);
    return Promise.resolve(it.shown());
  };
  const issuer = new ExternalIssuer({ ...SETTINGS, ...settings }, fetch, () => clock.nowMs);
  return Object.assign(it, { issuer, clock, asked });
}

const CLAIMS = {
  iss: "https://idp.example",
  aud: "https://aimdb.example/mcp",
  sub: "ada",
  iat: NOW_S,
  exp: NOW_S + 3_600,
};

function sign(
  claims: JWTPayload = {},
  { kid = "one", key = keys, alg = "ES256" } = {},
): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims })
    .setProtectedHeader({ alg, kid, typ: "at+jwt" })
    .sign(key.privateKey);
}

describe("a JWT of the issuer", () => {
  test("is believed", async () => {
    const { issuer, asked } = bench();

    expect(await issuer.verify(await sign())).toMatchObject({ subject: "ada", role: "viewer" });
    expect(asked).toEqual(["https://idp.example/keys"]);
  });

  test.each([
    { name: "of another issuer", claims: { iss: "https://idp.example/" } },
    { name: "that has ended", claims: { iat: NOW_S - 3_600, exp: NOW_S - 61 } },
    { name: "that begins later", claims: { nbf: NOW_S + 61 } },
    { name: "that was made later", claims: { iat: NOW_S + 61, exp: NOW_S + 3_600 } },
    { name: "for somebody else", claims: { aud: "https://other.example" } },
  ])("$name is not", async ({ claims }) => {
    expect(await bench().issuer.verify(await sign(claims))).toBeUndefined();
  });

  test("signed with another key under a known name is not", async () => {
    expect(await bench().issuer.verify(await sign({}, { key: otherKeys }))).toBeUndefined();
  });

  test("with a changed part is not", async () => {
    const token = await sign();
    const [head = "", , signature = ""] = token.split(".");
    const forged = btoa(JSON.stringify({ ...CLAIMS, sub: "mallory" })).replaceAll("=", "");

    expect(await bench().issuer.verify(`${head}.${forged}.${signature}`)).toBeUndefined();
    expect(await bench().issuer.verify(token.slice(0, -4))).toBeUndefined();
  });

  test("without a signature is not", async () => {
    const token = new UnsecuredJWT(CLAIMS).encode();

    expect(await bench().issuer.verify(token)).toBeUndefined();
  });

  test("signed by the public key as a shared secret is not", async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    const token = await new SignJWT(CLAIMS)
      .setProtectedHeader({ alg: "HS256", kid: "one", typ: "at+jwt" })
      .sign(secret);

    expect(await bench().issuer.verify(token)).toBeUndefined();
  });

  test("of an algorithm that is not listed is not", async () => {
    const { issuer } = bench({ algorithms: ["RS256"] });

    expect(await issuer.verify(await sign())).toBeUndefined();
  });

  test.each(["", "a.b.c", "x", "eyJhbGciOiJFUzI1NiJ9.e30."])("is not %j", async (text) => {
    expect(await bench().issuer.verify(text)).toBeUndefined();
  });
});

describe("the issuer's keys", () => {
  test("are asked for once while they hold", async () => {
    const { issuer, asked } = bench();

    for (let i = 0; i < 3; i += 1) await issuer.verify(await sign());

    expect(asked).toHaveLength(1);
  });

  test("are not asked for again for every unknown name", async () => {
    const { issuer, asked } = bench();
    await issuer.verify(await sign());

    for (let i = 0; i < 5; i += 1) {
      expect(await issuer.verify(await sign({}, { kid: `unknown-${i}` }))).toBeUndefined();
    }

    expect(asked).toHaveLength(1);
  });

  test.each([
    { name: "can't be reached", shown: () => Promise.reject(new Error("refused")) },
    { name: "are elsewhere", shown: () => Response.redirect("https://evil.example/keys") },
    { name: "are too many", shown: () => new Response(" ".repeat(65 * 1_024)) },
    { name: "are an error", shown: () => new Response("no", { status: 503 }) },
  ])("that $name say nothing of the token, and are let be for ten seconds", async ({ shown }) => {
    const it = bench();
    it.shown = shown;
    const token = await sign();

    await expect(it.issuer.verify(token)).rejects.toThrow(/\w/);
    it.clock.nowMs += 9_999;
    await expect(it.issuer.verify(token)).rejects.toThrow(/just failed/);
    expect(it.asked).toHaveLength(1);

    it.shown = () => publicKeys({ one: keys });
    it.clock.nowMs += 1;
    expect(await it.issuer.verify(token)).toBeDefined();
  });
});

test("a person has one id, and no other issuer's person has it", async () => {
  const identity = await bench().issuer.verify(await sign());
  if (identity === undefined) throw new Error("The token is good");

  const id = await bench().issuer.idOf(identity);

  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(await bench().issuer.idOf(identity)).toBe(id);
  expect(await bench({ issuer: "https://other.example" }).issuer.idOf(identity)).not.toBe(id);
});
