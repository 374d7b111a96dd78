import { expect, test } from "vitest";
import { allows, scopeSchema, type Scope } from "#shared/access/scope.ts";

test.each<[Scope[], Scope, boolean]>([
  [[], "aimdb:read", false],
  [["aimdb:read"], "aimdb:read", true],
  [["aimdb:read"], "aimdb:write", false],
  [["aimdb:write"], "aimdb:read", true],
  [["aimdb:write"], "aimdb:write", true],
  [["aimdb:write"], "aimdb:admin", false],
  [["aimdb:admin"], "aimdb:read", true],
  [["aimdb:admin"], "aimdb:write", true],
  [["aimdb:read", "aimdb:write"], "aimdb:write", true],
])("a token with %j allows %s: %s", (granted, needed, is) => {
  expect(allows(granted, needed)).toBe(is);
});

test.each(["aimdb:READ", "read", "aimdb:", "aimdb:*", ""])("%j is no scope", (text) => {
  expect(scopeSchema.safeParse(text).success).toBe(false);
});
