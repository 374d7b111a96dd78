import { generateKeyPair } from "jose";
import { describe, expect, test } from "vitest";
import { randomHex } from "../../../../worker/auth/secret.ts";
import { verifyDial } from "../../../../worker/relay/dial/dial.ts";
import { createDialToken, createKey, type DialTokenChange } from "../../support/device.ts";

const key = await createKey();
const otherKey = await createKey();
const rsa = await generateKeyPair("RS256");
const relay_id = "ab".repeat(32);
const installation = randomHex(16);
const NOW_S = 1_795_000_000;

function token(change: DialTokenChange = {}): Promise<string> {
  const claims = { iat: NOW_S, exp: NOW_S + 60, ...change.claims };
  return createDialToken({ relay_id, installation, key }, { ...change, claims });
}

function verify(text: string, nowS = NOW_S) {
  const check = { relayId: relay_id, publicKey: key.publicKey, installation, nowMs: nowS * 1000 };
  return verifyDial(text, check);
}

const REFUSED = { ok: false, error: { reason: "refused" } };
const CLOCK = { ok: false, error: { reason: "clock" } };

function withHeader(text: string, header: object): string {
  const encoded = btoa(JSON.stringify(header)).replaceAll("=", "");
  return [encoded, ...text.split(".").slice(1)].join(".");
}

test("verifyDial() accepts a token as the relay makes it", async () => {
  expect(await verify(await token())).toMatchObject({
    ok: true,
    value: { iss: relay_id, sub: relay_id, aud: installation, jti: expect.any(String) },
  });
});

describe("verifyDial() refuses", () => {
  test.each([
    { name: "another issuer", claims: { iss: "cd".repeat(32) } },
    { name: "no issuer", claims: { iss: undefined } },
    { name: "another subject", claims: { sub: "cd".repeat(32) } },
    { name: "no subject", claims: { sub: undefined } },
    { name: "another installation", claims: { aud: "other" } },
    { name: "no audience", claims: { aud: undefined } },
    { name: "a list of audiences", claims: { aud: [installation, "other"] } },
    { name: "no id", claims: { jti: undefined } },
    { name: "a short id", claims: { jti: "abc" } },
    { name: "no end", claims: { exp: undefined } },
    { name: "no start", claims: { iat: undefined } },
    { name: "a start that is no number", claims: { iat: "now" } },
    { name: "61 seconds of life", claims: { exp: NOW_S + 61 } },
    { name: "a day of life", claims: { exp: NOW_S + 86_400 } },
    { name: "a start in the future of its own", claims: { nbf: NOW_S + 600 } },
  ])("$name [D-3]", async ({ claims }) => {
    expect(await verify(await token({ claims }))).toEqual(REFUSED);
  });

  test.each([{ typ: "JWT" }, { typ: "aimdb-relay-enroll+jwt" }])(
    "a token of type $typ",
    async (header) => {
      expect(await verify(await token({ header }))).toEqual(REFUSED);
    },
  );

  test("a token signed by another key [D-3]", async () => {
    expect(await verify(await token({ signWith: otherKey.sign }))).toEqual(REFUSED);
  });

  test("a token without a signature, whatever its algorithm says", async () => {
    const signed = await token();
    const unsigned = withHeader(signed, { alg: "none", typ: "aimdb-relay+jwt" });

    expect(await verify(unsigned.slice(0, unsigned.lastIndexOf(".") + 1))).toEqual(REFUSED);
    expect(await verify(unsigned)).toEqual(REFUSED);
  });

  test("a token signed with the public key as a shared secret", async () => {
    const signWith = new TextEncoder().encode(key.publicKey.x);

    expect(await verify(await token({ header: { alg: "HS256" }, signWith }))).toEqual(REFUSED);
  });

  test("a token of an algorithm that is not ours", async () => {
    const signWith = rsa.privateKey;

    expect(await verify(await token({ header: { alg: "RS256" }, signWith }))).toEqual(REFUSED);
  });

  test("a token whose claims were changed after it was signed", async () => {
    const [header, , signature] = (await token()).split(".");
    const [, claims] = (await token({ claims: { jti: randomHex(16) } })).split(".");

    expect(await verify([header, claims, signature].join("."))).toEqual(REFUSED);
  });

  test.each(["", "a.b.c", "..", "no token"])("the text %j", async (text) => {
    expect(await verify(text)).toEqual(REFUSED);
  });
});

describe("verifyDial() and the clock", () => {
  test("decides by the clock before the form of the other claims [D-3]", async () => {
    const ill = await token({ claims: { jti: "abc", exp: NOW_S + 86_400 } });

    expect(await verify(ill)).toEqual(REFUSED);
    expect(await verify(ill, NOW_S + 600)).toEqual(CLOCK);
  });

  test.each([
    { name: "a minute ahead", nowS: NOW_S - 60 },
    { name: "119 s behind", nowS: NOW_S + 119 },
  ])("accepts a relay that is $name [D-3]", async ({ nowS }) => {
    expect(await verify(await token(), nowS)).toMatchObject({ ok: true });
  });

  test.each([
    { name: "61 s ahead", nowS: NOW_S - 61 },
    { name: "two minutes behind", nowS: NOW_S + 120 },
    { name: "decades behind", nowS: NOW_S + 1_500_000_000 },
  ])("tells a relay that is $name [D-3]", async ({ nowS }) => {
    expect(await verify(await token(), nowS)).toEqual(CLOCK);
  });

  test("says nothing of the clock to a relay that did not sign validly [D-3] [D-5]", async () => {
    const forged = await token({ signWith: otherKey.sign });

    expect(await verify(forged, NOW_S + 86_400)).toEqual(REFUSED);
  });

  test("says nothing of the clock to a relay of another installation [D-3]", async () => {
    const foreign = await token({ claims: { aud: "other" } });

    expect(await verify(foreign, NOW_S + 86_400)).toEqual(REFUSED);
  });
});
