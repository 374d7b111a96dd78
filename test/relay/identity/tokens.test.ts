import { createHash } from "node:crypto";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { expect, test } from "vitest";
import {
  DIAL_TOKEN_TYPE,
  dialClaimsSchema,
  ENROLL_PROOF_TYPE,
  enrollProofClaimsSchema,
} from "#shared/link/dial-token.ts";
import { readOrCreateKey } from "../../../relay/identity/key.ts";
import { createDialToken, createEnrollProof } from "../../../relay/identity/tokens.ts";
import { identityOf } from "../support/host-side/builders.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

const NOW_MS = Date.UTC(2026, 10, 20, 12, 0, 0) + 999;
const DIAL = { nowMs: NOW_MS, cont: undefined };
const identity = identityOf();

async function createKey() {
  const key = await readOrCreateKey(await freshFolder());
  return { key, verifier: await importJWK(key.publicKey, "EdDSA") };
}

test("a dial token says who dials whom, for a minute", async () => {
  const { key, verifier } = await createKey();

  const token = await createDialToken(identity, key, DIAL);
  const { payload, protectedHeader } = await jwtVerify(token, verifier, {
    algorithms: ["EdDSA"],
    typ: DIAL_TOKEN_TYPE,
    issuer: identity.relay_id,
    subject: identity.relay_id,
    audience: identity.installation,
    currentDate: new Date(NOW_MS),
  });

  const issuedAt = Math.floor(NOW_MS / 1000);
  expect(protectedHeader).toEqual({ alg: "EdDSA", typ: DIAL_TOKEN_TYPE });
  expect(payload).toMatchObject({ iat: issuedAt, exp: issuedAt + 60 });
  expect(dialClaimsSchema.safeParse(payload).success).toBe(true);
});

test("a dial token shows the continuity value where there is one", async () => {
  const { key, verifier } = await createKey();
  const cont = "c".repeat(43);
  const [shown, without] = await Promise.all(
    [cont, undefined].map((cont) => createDialToken(identity, key, { nowMs: NOW_MS, cont })),
  );
  const claimsOf = async (token = "") =>
    (await jwtVerify(token, verifier, { currentDate: new Date(NOW_MS) })).payload;

  expect(await claimsOf(shown)).toMatchObject({ cont });
  expect(await claimsOf(without)).not.toHaveProperty("cont");
});

test("a dial token is over after its minute", async () => {
  const { key, verifier } = await createKey();
  const token = await createDialToken(identity, key, DIAL);
  await expect(
    jwtVerify(token, verifier, { currentDate: new Date(NOW_MS + 60_001) }),
  ).rejects.toMatchObject({ code: "ERR_JWT_EXPIRED" });
});

test("no two dial tokens are the same [D-1]", async () => {
  const { key, verifier } = await createKey();
  const tokens = await Promise.all([1, 2].map(() => createDialToken(identity, key, DIAL)));
  const ids = await Promise.all(
    tokens.map(async (token) => {
      const currentDate = new Date(NOW_MS);
      return (await jwtVerify(token, verifier, { currentDate })).payload.jti;
    }),
  );
  expect(new Set(ids).size).toBe(2);
});

test("a dial token of another device's key does not verify", async () => {
  const { key } = await createKey();
  const { verifier } = await createKey();
  const token = await createDialToken(identity, key, DIAL);
  await expect(jwtVerify(token, verifier)).rejects.toMatchObject({
    code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
  });
});

test("an enrollment proof serves for its join token only and does not hold it", async () => {
  const { key, verifier } = await createKey();

  const proof = await createEnrollProof("aimdb_join_x_secret", key);
  const { payload } = await jwtVerify(proof, verifier, { typ: ENROLL_PROOF_TYPE });

  expect(payload).toEqual({
    join: createHash("sha256").update("aimdb_join_x_secret").digest("hex"),
  });
  expect(enrollProofClaimsSchema.safeParse(payload).success).toBe(true);
  expect(decodeProtectedHeader(proof).typ).not.toBe(DIAL_TOKEN_TYPE);
});
