/** The clients connected to a team, a page at a time. */
import * as z from "zod/mini";
import type { Remote } from "../../object-namespace.ts";
import type { GrantView, TeamOAuthRpc } from "./team-rpc.ts";

const PAGE = 100;

/** `<member>.<grant>`: the last one of the previous page. */
export const grantsCursor = z.string().check(z.regex(/^[0-9a-f]{16}\.[A-Za-z0-9_-]{16}$/));

export interface ListedGrants {
  readonly grants: readonly GrantView[];
  /** Null: this was the last page. */
  readonly next: string | null;
}

/** One member's, or everybody's for null. */
export async function listGrants(
  team: Pick<Remote<TeamOAuthRpc>, "grants">,
  memberId: string | null,
  cursor: string | undefined,
): Promise<ListedGrants> {
  const [member, id] = cursor?.split(".") ?? [];
  const after = member === undefined || id === undefined ? null : { memberId: member, id };
  const found = await team.grants(memberId, { after, limit: PAGE + 1 });
  const grants = found.slice(0, PAGE);
  const last = grants.at(-1);
  const isMore = found.length > PAGE && last !== undefined;
  return { grants, next: isMore ? `${last.memberId}.${last.id}` : null };
}
