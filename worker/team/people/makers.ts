/**
 * Whoever makes a way into the team. A request is let in by the rights of a moment before; what it makes would
 * outlive a removal in between, so they are read again in the turn in which it is written.
 */
import { allows } from "#shared/access/scope.ts";
import type { Sql } from "../../storage/migrate.ts";
import { scopesOfToken } from "./access-tokens.ts";
import { memberById, memberMay } from "./members.ts";

export interface Making {
  /** The principal: a member, a service's token, or `operator`. */
  readonly createdBy: string;
  readonly nowMs: number;
}

export function mayLetIn(sql: Sql, { createdBy, nowMs }: Making): boolean {
  if (createdBy === "operator" || memberMay(sql, createdBy, "aimdb:admin")) return true;
  return allows(scopesOfToken(sql, createdBy, nowMs) ?? [], "aimdb:admin");
}

/** A member's token can do no more than the member; a service's depends on nobody. */
export function mayMakeToken(sql: Sql, making: Making & { memberId: string | null }): boolean {
  const { memberId } = making;
  return memberId === null ? mayLetIn(sql, making) : memberById(sql, memberId) !== undefined;
}
