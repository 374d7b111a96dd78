/** `/invitations`: links with which people join the team. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { roleSchema } from "../access/role.ts";
import { emailSchema } from "../account/email.ts";
import { inviteUrl } from "../invite/invite-url.ts";
import {
  isoTime,
  itemId,
  nothing,
  NOTHING,
  notMade,
  route,
  teamId,
  teamQuery,
  time,
} from "./route.ts";

const HOUR_MS = 3_600_000;

const invitationSchema = z.object({
  id: itemId,
  role: roleSchema,
  email: z.nullable(z.string()),
  created_by: z.string().check(z.describe("A member's id, a service's token's, or operator")),
  created_at: time,
  expires_at: time,
});

export const invitationRoutes = [
  route({
    method: "get",
    path: "/invitations",
    summary: "Invitations that are open",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: z.object({ invitations: z.array(invitationSchema) }),
    errors: [404],
    async run({ team, nowMs }) {
      const invitations = (await team.invitations(nowMs)).map((one) => ({
        id: one.id,
        role: one.role,
        email: one.email,
        created_by: one.createdBy,
        created_at: isoTime(one.createdAtMs),
        expires_at: isoTime(one.expiresAtMs),
      }));
      return ok({ invitations });
    },
  }),
  route({
    method: "post",
    path: "/invitations",
    action: "invitation.create",
    summary: "Invite a person: the link is shown once, and good once",
    needs: "aimdb:admin",
    body: z.strictObject({
      team: z.optional(teamId),
      role: z._default(roleSchema, "viewer"),
      /** Absent: anybody who has the link may use it. */
      email: z.optional(emailSchema),
      expires_in_hours: z._default(
        z.number().check(z.int(), z.minimum(1), z.maximum(24 * 30)),
        24 * 7,
      ),
    }),
    query: teamQuery,
    status: 201,
    answer: z.object({
      id: itemId,
      url: z.string(),
      team: teamId,
      role: roleSchema,
      email: z.nullable(z.string()),
      expires_at: time,
    }),
    errors: [404, 409],
    async run({ env, team, actor, body, newId, nowMs }) {
      const { role, email = null, expires_in_hours } = body;
      const created = await team.createInvitation({
        id: newId,
        role,
        email,
        createdBy: actor.principal,
        lifetimeMs: expires_in_hours * HOUR_MS,
        nowMs,
      });
      if (!created.ok) return err(notMade(created.reason));
      const { id, token, expiresAtMs } = created;
      const url = inviteUrl(token, env);
      return ok({ id, url, team: actor.teamId, role, email, expires_at: isoTime(expiresAtMs) });
    },
  }),
  route({
    method: "delete",
    path: "/invitations/:id",
    action: "invitation.revoke",
    summary: "Take an invitation back",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 204,
    answer: null,
    errors: [404],
    async run({ team, target }) {
      return (await team.revokeInvitation(target)) ? ok(null) : err(NOTHING);
    },
  }),
];
