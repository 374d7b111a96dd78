/** `/write-policy`: what a team allows to be written. */
import * as z from "zod/mini";
import { err, ok } from "#shared/result.ts";
import { writePolicySchema } from "../access/write-policy.ts";
import type { HttpError } from "../http/answer/error-response.ts";
import { versionOf } from "../team/rights/stored-policy.ts";
import { nothing, NOTHING, route, teamId, teamQuery, Versioned } from "./route.ts";

/** Enough for a hundred rules with bounds on their fields. */
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
    isVersioned: true,
    answer: writePolicySchema,
    errors: [404],
    async run({ team }) {
      const policy = await team.writePolicy();
      return policy === null ? err(NOTHING) : ok(new Versioned(policy, versionOf(policy)));
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
    isVersioned: true,
    answer: writePolicySchema,
    errors: [404, 412],
    async run({ team, body: { team: _named, ...policy }, over }) {
      const change = await team.setWritePolicy(policy, over);
      if (change === "stored") return ok(new Versioned(policy, versionOf(policy)));
      return err(change === "no_team" ? NOTHING : CHANGED_MEANWHILE);
    },
  }),
];

const CHANGED_MEANWHILE: HttpError = {
  status: 412,
  code: "changed_meanwhile",
  message:
    "Nothing was changed: the policy is no longer the one that If-Match names. Read it again, and send your change with the ETag of that answer.",
};
