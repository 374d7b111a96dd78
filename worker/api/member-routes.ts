/** `/members`: who is in the team. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { roleSchema } from "../access/role.ts";
import type { MemberChange, MemberView } from "../team/rpc.ts";
import {
  isoTime,
  itemId,
  nothing,
  NOTHING,
  route,
  teamId,
  teamQuery,
  time,
  whenEffective,
  Later,
} from "./route.ts";

const memberSchema = z.object({
  id: itemId,
  email: z.string(),
  name: z.string(),
  role: roleSchema,
  joined_at: time,
});

export const memberRoutes = [
  route({
    method: "get",
    path: "/members",
    summary: "The team's people",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: z.object({ members: z.array(memberSchema) }),
    errors: [404],
    async run({ team }) {
      return ok({ members: (await team.members()).map(toMember) });
    },
  }),
  route({
    method: "patch",
    path: "/members/:id",
    action: "member.change_role",
    summary: "Give a person another role. Their sessions end",
    needs: "aimdb:admin",
    body: z.strictObject({ team: z.optional(teamId), role: roleSchema }),
    query: teamQuery,
    status: 200,
    takesEffect: true,
    answer: memberSchema,
    errors: [404, 409],
    async run({ team, target, body }) {
      const change = await team.setRole(target, body.role);
      if (!change.ok) return err(describeRefusal(change));
      const { member, effect } = change;
      return ok(effect.type === "now" ? toMember(member) : new Later(effect.atMs));
    },
  }),
  route({
    method: "delete",
    path: "/members/:id",
    action: "member.remove",
    summary: "Remove a person from the team, with their tokens",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404, 409],
    async run({ team, target }) {
      const change = await team.removeMember(target);
      return change.ok ? ok(whenEffective(change.effect)) : err(describeRefusal(change));
    },
  }),
];

function toMember({ id, email, displayName, role, joinedAtMs }: MemberView) {
  return { id, email, name: displayName, role, joined_at: isoTime(joinedAtMs) };
}

function describeRefusal({ reason }: Extract<MemberChange, { ok: false }>) {
  return reason === "missing" ? NOTHING : LAST_OWNER;
}

const LAST_OWNER = {
  status: 409,
  code: "last_owner",
  message: "This is the team's only owner. Make another person owner first.",
} as const;
