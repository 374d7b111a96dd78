/** What a token allows. Each scope implies the ones before it. */
import * as z from "zod/mini";

export const scopeSchema = z.enum(["aimdb:read", "aimdb:write", "aimdb:admin"]);
export type Scope = z.infer<typeof scopeSchema>;

const RANK: Readonly<Record<Scope, number>> = {
  "aimdb:read": 0,
  "aimdb:write": 1,
  "aimdb:admin": 2,
};

export function allows(granted: readonly Scope[], needed: Scope): boolean {
  return granted.some((scope) => RANK[scope] >= RANK[needed]);
}
