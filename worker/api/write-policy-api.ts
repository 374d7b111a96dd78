/** `/api/v1/write-policy`: what a team lets be written. PUT replaces it whole. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { writePolicySchema } from "../access/write-policy.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/error-response.ts";
import { readJson } from "../http/read-json.ts";
import { teamOf } from "../team/stub.ts";

const MAX_BODY_BYTES = 64 * 1024;

const teamId = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const putBody = z.extend(writePolicySchema, { team: z.optional(teamId) });

const NO_TEAM: HttpError = { status: 404, code: "not_found", message: "There is no such team." };

/** Behind the management API's own check of who asks. */
export const writePolicyApi = new Hono<{ Bindings: Env }>()
  .get("/", async (context) => {
    const asked = context.req.query("team");
    const parsed = z.optional(teamId).safeParse(asked);
    if (!parsed.success) return errorResponse(NO_TEAM);
    const policy = await (await stubOf(context.env, parsed.data))?.writePolicy();
    return policy === null || policy === undefined ? errorResponse(NO_TEAM) : context.json(policy);
  })
  .put("/", async (context) => {
    const body = await readJson(context.req.raw, putBody, MAX_BODY_BYTES);
    if (!body.ok) return errorResponse(body.error);
    const { team, ...policy } = body.value;
    const stored = await (await stubOf(context.env, team))?.setWritePolicy(policy);
    return stored === true ? context.json(policy) : errorResponse(NO_TEAM);
  });

/** Absent: the installation's first team. */
async function stubOf(env: Env, team: string | undefined): Promise<ReturnType<typeof teamOf>> {
  return teamOf(env, team ?? (await directoryOf(env).defaultTeam()).id);
}
