/** `/relay-policy`, and what is done about a relay whose key two devices seem to have. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { relayPolicySchema } from "../access/relay-policy.ts";
import { nothing, NOTHING, route, teamId, teamQuery } from "./route.ts";

export const relayPolicyRoutes = [
  route({
    method: "get",
    path: "/relay-policy",
    summary: "What the team wants done when a relay's key seems to be in two hands",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: relayPolicySchema,
    errors: [404],
    async run({ team }) {
      const policy = await team.relayPolicy();
      return policy === null ? err(NOTHING) : ok(policy);
    },
  }),
  route({
    method: "put",
    path: "/relay-policy",
    action: "relay_policy.replace",
    summary: "Replace the team's relay policy",
    needs: "aimdb:admin",
    body: z.extend(relayPolicySchema, { team: z.optional(teamId) }),
    query: teamQuery,
    status: 200,
    answer: relayPolicySchema,
    errors: [404],
    async run({ team, body: { team: _named, ...policy } }) {
      return (await team.setRelayPolicy(policy)) ? ok(policy) : err(NOTHING);
    },
  }),
  route({
    method: "post",
    path: "/relays/:name/dismiss-clone",
    action: "relay.dismiss_clone",
    summary: "Say that there was no second device: the relay was restored from a backup",
    needs: "aimdb:admin",
    body: z.strictObject({ team: z.optional(teamId) }),
    query: teamQuery,
    status: 204,
    answer: null,
    errors: [404],
    async run({ team, target }) {
      return (await team.dismissClone(target)) ? ok(null) : err(NOTHING);
    },
  }),
];
