import { expect, test } from "vitest";
import { isAdmin } from "../../../worker/auth/admin.ts";
import { hashSecret } from "../../../worker/auth/secret.ts";
import { bindings } from "../support/worker.ts";

const TOKEN = "t".repeat(32);
const HASH = await hashSecret(TOKEN);
const { ADMIN_TOKEN: _unset, ...UNSET } = bindings;

test.each([
  { name: "the token itself", settings: { ADMIN_TOKEN: TOKEN }, token: TOKEN, admin: true },
  { name: "the token's hash", settings: { ADMIN_TOKEN_SHA256: HASH }, token: TOKEN, admin: true },
  { name: "another token", settings: { ADMIN_TOKEN: TOKEN }, token: `${TOKEN}x`, admin: false },
  { name: "no token", settings: { ADMIN_TOKEN: TOKEN }, token: undefined, admin: false },
  { name: "nothing set", settings: {}, token: "", admin: false },
  { name: "an empty setting", settings: { ADMIN_TOKEN: "" }, token: "", admin: false },
  {
    name: "a setting of 31 characters",
    settings: { ADMIN_TOKEN: "t".repeat(31) },
    token: "t".repeat(31),
    admin: false,
  },
  {
    name: "the hash in place of the token",
    settings: { ADMIN_TOKEN_SHA256: HASH },
    token: HASH,
    admin: false,
  },
  {
    name: "a hash that is none, beside a token",
    settings: { ADMIN_TOKEN: TOKEN, ADMIN_TOKEN_SHA256: "abc" },
    token: TOKEN,
    admin: true,
  },
  {
    name: "the token that a set hash replaces",
    settings: { ADMIN_TOKEN: "u".repeat(32), ADMIN_TOKEN_SHA256: HASH },
    token: "u".repeat(32),
    admin: false,
  },
])("isAdmin() with $name is $admin", async ({ settings, token, admin }) => {
  expect(await isAdmin(token, { ...UNSET, ...settings })).toBe(admin);
});
