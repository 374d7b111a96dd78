/** `/access-tokens`: what MCP clients and scripts send. Members see their own, owners see all. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { allows, scopeSchema } from "#shared/access/scope.ts";
import { shownLabelSchema } from "../shown-name.ts";
import type { AccessTokenView } from "../team/rpc.ts";
import { ownOnly } from "./caller.ts";
import {
  insufficientScope,
  isoTime,
  itemId,
  nothing,
  NOTHING,
  notMade,
  route,
  teamId,
  teamQuery,
  time,
  whenEffective,
} from "./route.ts";

const DAY_MS = 86_400_000;

const accessTokenSchema = z.object({
  id: itemId,
  label: z.string(),
  scopes: z.array(scopeSchema),
  member: z.nullable(itemId).check(z.describe("Whose it is; null for a service")),
  created_at: time,
  expires_at: time,
  last_used: z.nullable(z.string()).check(z.describe("A day, UTC")),
  networks: z
    .array(z.object({ network: z.string(), first_used_at: time }))
    .check(z.describe("Where it was used from, oldest first")),
});

export const accessTokenRoutes = [
  route({
    method: "get",
    path: "/access-tokens",
    summary: "The caller's access tokens; all of the team's for an owner",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: z.object({ access_tokens: z.array(accessTokenSchema) }),
    errors: [404],
    async run({ team, actor, nowMs }) {
      const tokens = await team.accessTokens(ownOnly(actor), nowMs);
      return ok({ access_tokens: tokens.map(toAccessToken) });
    },
  }),
  route({
    method: "post",
    path: "/access-tokens",
    action: "access_token.create",
    summary: "Make an access token: shown once",
    needs: "aimdb:read",
    body: z.strictObject({
      team: z.optional(teamId),
      label: z._default(shownLabelSchema, ""),
      scopes: z._default(z.array(scopeSchema).check(z.minLength(1), z.maxLength(3)), [
        "aimdb:read",
      ]),
      expires_in_days: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(366)), 90),
      /** For a program: belongs to no member, so it stays when its maker leaves. Owners only. */
      service: z._default(z.boolean(), false),
    }),
    query: teamQuery,
    status: 201,
    answer: z.object({
      id: itemId,
      token: z.string(),
      team: teamId,
      expires_at: time,
      label: z.string(),
      scopes: z.array(scopeSchema),
    }),
    errors: [404, 409],
    async run({ team, actor, body, newId, nowMs }) {
      const { label, scopes, expires_in_days, service } = body;
      if (service && !allows(actor.scopes, "aimdb:admin")) {
        return err(insufficientScope("aimdb:admin"));
      }
      const beyond = scopes.find((scope) => !allows(actor.scopes, scope));
      if (beyond !== undefined) return err(insufficientScope(beyond));
      const created = await team.createAccessToken({
        id: newId,
        label,
        scopes,
        lifetimeMs: expires_in_days * DAY_MS,
        nowMs,
        memberId: service ? null : actor.memberId,
        createdBy: actor.principal,
      });
      if (!created.ok) return err(notMade(created.reason));
      const { id, token, expiresAtMs } = created;
      return ok({ id, token, team: actor.teamId, expires_at: isoTime(expiresAtMs), label, scopes });
    },
  }),
  route({
    method: "delete",
    path: "/access-tokens/:id",
    action: "access_token.revoke",
    summary: "Revoke an access token: one's own, or any for an owner",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404],
    async run({ team, actor, target }) {
      const effect = await team.revokeAccessToken(target, ownOnly(actor));
      return effect === null ? err(NOTHING) : ok(whenEffective(effect));
    },
  }),
];

function toAccessToken(token: AccessTokenView) {
  const { id, label, scopes, memberId, createdAtMs, expiresAtMs, lastUsedDay, networks } = token;
  return {
    id,
    label,
    scopes: [...scopes],
    member: memberId,
    created_at: isoTime(createdAtMs),
    expires_at: isoTime(expiresAtMs),
    last_used: lastUsedDay === null ? null : isoTime(lastUsedDay * DAY_MS).slice(0, 10),
    networks: networks.map(({ network, firstUsedAtMs }) => ({
      network,
      first_used_at: isoTime(firstUsedAtMs),
    })),
  };
}
