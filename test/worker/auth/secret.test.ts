import { describe, expect, test } from "vitest";
import {
  accountIdOf,
  createSecret,
  equalHashes,
  hashSecret,
  randomHex,
  teamIdOf,
} from "../../../worker/auth/secret.ts";

const TEAM = "0123456789abcdef".repeat(4);

describe("createSecret()", () => {
  test.each([
    { kind: "join", form: /^aimdb_join_[0-9a-f]{64}_[A-Za-z0-9_-]{43}$/ },
    { kind: "pat", form: /^aimdb_pat_[0-9a-f]{64}_[A-Za-z0-9_-]{43}[0-9a-f]{8}$/ },
  ] as const)("gives a $kind secret the form that scanners look for", ({ kind, form }) => {
    const secrets = Array.from({ length: 50 }, () => createSecret(kind, TEAM));

    expect(secrets.filter((secret) => !form.test(secret))).toEqual([]);
    expect(new Set(secrets).size).toBe(50);
  });
});

describe("teamIdOf()", () => {
  test.each(["join", "pat"] as const)("reads the team of a %s secret", (kind) => {
    expect(teamIdOf(kind, createSecret(kind, TEAM))).toBe(TEAM);
  });

  test("refuses a secret of the other kind", () => {
    expect(teamIdOf("pat", createSecret("join", TEAM))).toBeUndefined();
    expect(teamIdOf("join", createSecret("pat", TEAM))).toBeUndefined();
  });

  test("refuses an access token with any one character mistyped", () => {
    const token = createSecret("pat", TEAM);
    const mistyped = Array.from(token, (character, i) => {
      const other = character === "b" ? "c" : "b";
      return token.slice(0, i) + other + token.slice(i + 1);
    });

    expect(mistyped.filter((text) => teamIdOf("pat", text) !== undefined)).toEqual([]);
  });

  test.each([
    { name: "empty text", text: "" },
    { name: "no secret", text: `aimdb_pat_${TEAM}_` },
    { name: "a short team", text: `aimdb_join_abc_${"A".repeat(43)}` },
    { name: "a team in upper case", text: `aimdb_join_${TEAM.toUpperCase()}_${"A".repeat(43)}` },
    { name: "something behind it", text: `aimdb_join_${TEAM}_${"A".repeat(43)}\n` },
  ])("refuses $name", ({ text }) => {
    expect(teamIdOf("join", text)).toBeUndefined();
    expect(teamIdOf("pat", text)).toBeUndefined();
  });
});

test("accountIdOf() reads the account of a password link, and of nothing else", () => {
  const secret = createSecret("password", TEAM);

  expect(accountIdOf(secret)).toBe(TEAM);
  expect(accountIdOf(createSecret("invite", TEAM))).toBeUndefined();
  expect(accountIdOf(`${secret}x`)).toBeUndefined();
  expect(teamIdOf("invite", secret)).toBeUndefined();
});

test("hashSecret() is SHA-256 in hex", async () => {
  expect(await hashSecret("abc")).toBe(
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
});

test.each([
  { a: "", b: "", equal: true },
  { a: "ab", b: "ab", equal: true },
  { a: "ab", b: "aB", equal: false },
  { a: "ab", b: "abc", equal: false },
  { a: "ab", b: "", equal: false },
])("equalHashes($a, $b) is $equal", ({ a, b, equal }) => {
  expect(equalHashes(a, b)).toBe(equal);
});

test("randomHex() has two digits a byte and does not repeat", () => {
  const ids = Array.from({ length: 100 }, () => randomHex(16));

  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(100);
});
