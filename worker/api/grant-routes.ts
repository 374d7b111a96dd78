/** `/grants`: clients that people allowed to act for them by OAuth. Members see their own, owners see all. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { scopeSchema } from "#shared/access/scope.ts";
import { grantsCursor, listGrants } from "../oauth/grants/list-grants.ts";
import type { GrantView } from "../oauth/grants/team-rpc.ts";
import { ownOnly } from "./caller.ts";
import {
  isoTime,
  itemId,
  nothing,
  NOTHING,
  route,
  teamQuery,
  time,
  whenEffective,
} from "./route.ts";

const grantSchema = z.object({
  id: z.string(),
  member: itemId.check(z.describe("For whom the client acts")),
  client_name: z.string().check(z.describe("As the client calls itself")),
  redirect_host: z.string().check(z.describe("Where its tokens went")),
  scopes: z.array(scopeSchema),
  created_at: time,
});

export const grantRoutes = [
  route({
    method: "get",
    path: "/grants",
    summary:
      "Clients connected by OAuth for the caller, all of the team's for an owner, a hundred at a time",
    needs: "aimdb:read",
    body: nothing,
    query: z.extend(teamQuery, {
      after: z.optional(grantsCursor).check(z.describe("The `next` of the page before")),
    }),
    status: 200,
    answer: z.object({ grants: z.array(grantSchema), next: z.nullable(grantsCursor) }),
    errors: [404],
    async run({ team, actor, query }) {
      const { grants, next } = await listGrants(team, ownOnly(actor), query.after);
      return ok({ grants: grants.map(toGrant), next });
    },
  }),
  route({
    method: "delete",
    path: "/grants/:id",
    action: "client.disconnect",
    summary: "Disconnect a client: its tokens end at once",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    async run({ team, actor, target }) {
      const effect = await team.revokeGrant(target, ownOnly(actor));
      return effect === null ? err(NOTHING) : ok(whenEffective(effect));
    },
  }),
];

function toGrant({ id, memberId, clientName, redirectHost, scopes, createdAtMs }: GrantView) {
  return {
    id,
    member: memberId,
    client_name: clientName,
    redirect_host: redirectHost,
    scopes: [...scopes],
    created_at: isoTime(createdAtMs),
  };
}
