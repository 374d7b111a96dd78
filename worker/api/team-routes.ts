/** `/teams` and `/owner-link`. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { roleSchema } from "../access/role.ts";
import { liveTeams } from "../directory/live-teams.ts";
import { directoryOf } from "../directory/stub.ts";
import { logEvent } from "../log.ts";
import { inviteUrl } from "../invite/invite-url.ts";
import { shownNameSchema } from "../shown-name.ts";
import { newCause } from "../relay/calls/call-id.ts";
import { teamOf } from "../team/stub.ts";
import {
  isoTime,
  nothing,
  NOTHING,
  route,
  teamId,
  teamQuery,
  time,
  whenEffective,
} from "./route.ts";

const OWNER_LINK_LIFETIME_MS = 24 * 3_600_000;

const teamSchema = z.object({ id: teamId, name: z.string() });
const ownTeamSchema = z.object({
  id: teamId,
  name: z.string(),
  role: z.nullable(roleSchema).check(z.describe("Null for the operator, who is no member")),
});

export const teamRoutes = [
  route({
    method: "get",
    path: "/teams",
    summary: "The caller's teams; all of them for the operator",
    needs: "aimdb:read",
    body: nothing,
    isOfNoTeam: true,
    query: teamQuery,
    status: 200,
    answer: z.object({ teams: z.array(ownTeamSchema) }),
    errors: [404],
    async run({ env, caller, actor, team }) {
      if (caller.type === "operator") {
        const teams = await liveTeams(env);
        return ok({ teams: teams.map(({ id, name }) => ({ id, name, role: null })) });
      }
      if (caller.type === "person") {
        const { memberships } = caller.session;
        const teams = memberships.map(({ teamId: id, teamName: name, role }) => ({
          id,
          name,
          role,
        }));
        return ok({ teams });
      }
      const name = (await team.teamName()) ?? "";
      return ok({ teams: [{ id: actor.teamId, name, role: null }] });
    },
  }),
  route({
    method: "post",
    path: "/teams",
    action: "team.create",
    summary: "Make a team. Its first owner comes in by an owner link",
    needs: "operator",
    body: z.strictObject({ name: shownNameSchema }),
    isOfNoTeam: true,
    isLoggedByItself: true,
    query: z.object({}),
    status: 201,
    answer: teamSchema,
    errors: [],
    async run({ env, actor, body, nowMs }) {
      const { id, name } = await directoryOf(env).createTeam(body.name);
      await teamOf(env, id)?.noteAction({
        at_ms: nowMs,
        principal: actor.principal,
        action: "team.create",
        call_id: newCause(),
        phase: "outcome",
        outcome: "done",
      });
      return ok({ id, name });
    },
  }),
  route({
    method: "delete",
    path: "/team",
    action: "team.delete",
    summary:
      "Delete the team with all that is stored of it, its log too. Its relays are revoked. This can't be undone",
    needs: "aimdb:admin",
    body: nothing,
    query: z.extend(teamQuery, {
      name: z.string().check(z.describe("The team's name, to be sure that it is meant")),
    }),
    status: 204,
    takesEffect: true,
    answer: null,
    errors: [404, 409],
    async run({ actor, team, query }) {
      if ((await team.teamName()) !== query.name) return err(NOT_ITS_NAME);
      const effect = await team.end();
      if (effect === null) return err(NOTHING);
      logEvent("warn", "team_deleted", { team: actor.teamId, by: actor.principal });
      return ok(whenEffective(effect));
    },
  }),
  route({
    method: "post",
    path: "/owner-link",
    action: "owner_link.create",
    summary:
      "A link, good once within a day, that makes its reader the team's first owner. An earlier one is void",
    needs: "operator",
    body: z.strictObject({ team: z.optional(teamId) }),
    query: teamQuery,
    status: 201,
    answer: z.object({ team: teamId, url: z.string(), expires_at: time }),
    errors: [404, 409],
    async run({ env, actor, team, nowMs }) {
      const created = await team.createOwnerInvitation({
        lifetimeMs: OWNER_LINK_LIFETIME_MS,
        nowMs,
      });
      if (created.ok) {
        const url = inviteUrl(created.token, env);
        return ok({ team: actor.teamId, url, expires_at: isoTime(created.expiresAtMs) });
      }
      return err(created.reason === "has_owner" ? HAS_OWNER : NOTHING);
    },
  }),
];

const NOT_ITS_NAME = {
  status: 409,
  code: "name_differs",
  message: "Nothing was deleted: the name is not exactly the team's.",
} as const;
const HAS_OWNER = {
  status: 409,
  code: "has_owner",
  message: "The team has an owner, who can invite others.",
} as const;
