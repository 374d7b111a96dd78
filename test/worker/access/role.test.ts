import { expect, test } from "vitest";
import { scopesOfRole, scopesWithin } from "../../../worker/access/role.ts";

test.each([
  ["owner", ["aimdb:read", "aimdb:write", "aimdb:admin"]],
  ["operator", ["aimdb:read", "aimdb:write"]],
  ["viewer", ["aimdb:read"]],
] as const)("scopesOfRole(%s) is %j", (role, scopes) => {
  expect(scopesOfRole(role)).toEqual(scopes);
});

test.each([
  ["owner", ["aimdb:admin"], ["aimdb:read", "aimdb:write", "aimdb:admin"]],
  ["owner", ["aimdb:write"], ["aimdb:read", "aimdb:write"]],
  ["operator", ["aimdb:admin"], ["aimdb:read", "aimdb:write"]],
  ["viewer", ["aimdb:write"], ["aimdb:read"]],
  ["viewer", [], []],
] as const)("scopesWithin(%s, %j) is %j", (role, scopes, within) => {
  expect(scopesWithin(role, scopes)).toEqual(within);
});
