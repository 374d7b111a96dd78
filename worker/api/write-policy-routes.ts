/** `/write-policy`: what a team lets be written. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { writePolicySchema } from "../access/write-policy.ts";
import { nothing, NOTHING, route, teamId, teamQuery } from "./route.ts";

/** A hundred rules with bounds on their fields. */
const MAX_POLICY_BYTES = 64 * 1024;

export const writePolicyRoutes = [
  route({
    method: "get",
    path: "/write-policy",
    summary: "What the team lets be written, and who confirms it",
    needs: "aimdb:read",
    body: nothing,
    query: teamQuery,
    status: 200,
    answer: writePolicySchema,
    errors: [404],
    async run({ team }) {
      const policy = await team.writePolicy();
      return policy === null ? err(NOTHING) : ok(policy);
    },
  }),
  route({
    method: "put",
    path: "/write-policy",
    action: "write_policy.replace",
    summary: "Replace the team's write policy, whole",
    needs: "aimdb:admin",
    maxBodyBytes: MAX_POLICY_BYTES,
    body: z.extend(writePolicySchema, { team: z.optional(teamId) }),
    query: teamQuery,
    status: 200,
    answer: writePolicySchema,
    errors: [404],
    async run({ team, body: { team: _named, ...policy } }) {
      return (await team.setWritePolicy(policy)) ? ok(policy) : err(NOTHING);
    },
  }),
];
