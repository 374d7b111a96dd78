/** What a member of a team may do: the only place where roles become scopes. */
import * as z from "zod/mini";
import { allows, type Scope } from "#shared/access/scope.ts";

export const roleSchema = z.enum(["owner", "operator", "viewer"]);
export type Role = z.infer<typeof roleSchema>;

const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  owner: ["aimdb:read", "aimdb:write", "aimdb:admin"],
  operator: ["aimdb:read", "aimdb:write"],
  viewer: ["aimdb:read"],
};

export function scopesOfRole(role: Role): readonly Scope[] {
  return SCOPES_OF_ROLE[role];
}

/** The scopes that a credential with `scopes` gives to somebody with `role`: those that both allow. */
export function scopesWithin(role: Role, scopes: readonly Scope[]): Scope[] {
  return SCOPES_OF_ROLE[role].filter((scope) => allows(scopes, scope));
}
