/** `/join-tokens`: each lets one relay enroll. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
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

const joinTokenSchema = z.object({
  id: itemId,
  name_pattern: z.string(),
  created_at: time,
  expires_at: time,
  used_at: z.nullable(time),
  relay: z.nullable(z.string()).check(z.describe("The relay that it let in")),
});

export const joinTokenRoutes = [
  route({
    method: "get",
    path: "/join-tokens",
    summary: "Join tokens that are open, or were used in the last week",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: z.object({ join_tokens: z.array(joinTokenSchema) }),
    errors: [404],
    async run({ team, nowMs }) {
      const join_tokens = (await team.joinTokens(nowMs)).map((token) => ({
        id: token.id,
        name_pattern: token.namePattern,
        created_at: isoTime(token.createdAtMs),
        expires_at: isoTime(token.expiresAtMs),
        used_at: token.usedAtMs === null ? null : isoTime(token.usedAtMs),
        relay: token.relay,
      }));
      return ok({ join_tokens });
    },
  }),
  route({
    method: "post",
    path: "/join-tokens",
    action: "join_token.create",
    summary: "Make a join token: shown once, good once",
    needs: "aimdb:admin",
    body: z.strictObject({
      team: z.optional(teamId),
      name_pattern: z._default(z.string().check(z.minLength(1), z.maxLength(40)), "*"),
      expires_in_hours: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(24 * 30)), 24),
    }),
    query: teamQuery,
    status: 201,
    answer: z.object({
      id: itemId,
      token: z.string(),
      team: teamId,
      expires_at: time,
      name_pattern: z.string(),
    }),
    errors: [404, 409],
    async run({ team, actor, body, newId, nowMs }) {
      const { name_pattern, expires_in_hours } = body;
      const created = await team.createJoinToken({
        id: newId,
        namePattern: name_pattern,
        createdBy: actor.principal,
        lifetimeMs: expires_in_hours * HOUR_MS,
        nowMs,
      });
      if (!created.ok) return err(notMade(created.reason));
      const { id, token, expiresAtMs } = created;
      return ok({ id, token, team: actor.teamId, expires_at: isoTime(expiresAtMs), name_pattern });
    },
  }),
  route({
    method: "delete",
    path: "/join-tokens/:id",
    action: "join_token.revoke",
    summary: "Take a join token back. The relay that used it stays",
    needs: "aimdb:admin",
    body: nothing,
    query: teamQuery,
    status: 204,
    answer: null,
    errors: [404],
    async run({ team, target }) {
      return (await team.revokeJoinToken(target)) ? ok(null) : err(NOTHING);
    },
  }),
];
