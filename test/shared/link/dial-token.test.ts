import { expect, test } from "vitest";
import {
  dialClaimsSchema,
  enrollProofClaimsSchema,
  publicKeySchema,
} from "#shared/link/dial-token.ts";

const ID = "5f".repeat(32);
const CLAIMS = {
  iss: ID,
  sub: ID,
  aud: "b0e3c1f2a4d59687",
  iat: 1_795_171_237,
  exp: 1_795_171_297,
  jti: "0b".repeat(16),
};
const KEY = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" };

test("dial claims keep what the worker checks and drop the rest", () => {
  expect(dialClaimsSchema.parse({ ...CLAIMS, scope: "admin" })).toEqual(CLAIMS);
});

test("dial claims may show a continuity value", () => {
  const claims = { ...CLAIMS, cont: KEY.x };

  expect(dialClaimsSchema.parse(claims)).toEqual(claims);
});

test.each([
  ["no issuer", { iss: undefined }],
  ["a short issuer", { iss: "5f" }],
  ["an issuer in upper case", { iss: ID.toUpperCase() }],
  ["no subject", { sub: undefined }],
  ["several audiences", { aud: ["b0e3c1f2a4d59687", "other"] }],
  ["an audience of 101 characters", { aud: "a".repeat(101) }],
  ["no time", { iat: undefined }],
  ["a time with a fraction", { iat: 1_795_171_237.5 }],
  ["a time before 1970", { iat: -1 }],
  ["no end", { exp: undefined }],
  ["no id", { jti: undefined }],
  ["a continuity value of 31 bytes", { cont: "A".repeat(42) }],
  ["a continuity value that is none", { cont: null }],
  ["an id of 64 bits", { jti: "0b".repeat(8) }],
  ["a UUID for id", { jti: "0b9c6d2f-4e8a-4c3b-9d7f-9e0a2c4b6d8f" }],
])("dial claims with %s are refused", (_name, fields) => {
  expect(dialClaimsSchema.safeParse({ ...CLAIMS, ...fields }).success).toBe(false);
});

test("a public key is kept without a private half that came along", () => {
  expect(publicKeySchema.parse({ ...KEY, d: "secret" })).toEqual(KEY);
});

test.each([
  ["another curve", { crv: "Ed448" }],
  ["another kind", { kty: "EC" }],
  ["a key of 31 bytes", { x: KEY.x.slice(1) }],
  ["a key of 33 bytes", { x: `${KEY.x}A` }],
  ["plain Base64", { x: KEY.x.replace("_", "/") }],
])("a public key with %s is refused", (_name, fields) => {
  expect(publicKeySchema.safeParse({ ...KEY, ...fields }).success).toBe(false);
});

test.each([
  ["a SHA-256 in hex", "ab".repeat(32), true],
  ["a shorter one", "ab".repeat(20), false],
  ["one in upper case", "AB".repeat(32), false],
  ["the join token itself", "aimdb_join_x", false],
])("an enroll proof may claim %s", (_name, join, success) => {
  expect(enrollProofClaimsSchema.safeParse({ join }).success).toBe(success);
});
