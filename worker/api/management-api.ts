/** `/api/v1`: what an owner scripts. Authorized by the admin token. */
import { Hono } from "hono";
import * as z from "zod/mini";
import { err, ok, type Result } from "#shared/result.ts";
import { isAdmin } from "../auth/admin.ts";
import { bearerToken } from "../auth/bearer.ts";
import { directoryOf } from "../directory/stub.ts";
import type { Env } from "../env.ts";
import { errorResponse, type HttpError } from "../http/error-response.ts";
import { readJson } from "../http/read-json.ts";
import type { Remote } from "../object-namespace.ts";
import type { CreatedToken, TeamRpc } from "../team/rpc.ts";
import { teamOf } from "../team/stub.ts";
import { writePolicyApi } from "./write-policy-api.ts";

const MAX_BODY_BYTES = 16 * 1024;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Absent: the installation's first team. */
const team = z.optional(z.string().check(z.regex(/^[0-9a-f]{64}$/)));

const joinTokenBody = z.strictObject({
  team,
  name_pattern: z._default(z.string().check(z.minLength(1), z.maxLength(40)), "*"),
  expires_in_hours: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(24 * 30)), 24),
});

/** `aimdb:admin` opens this API and no tool; the admin token has it. */
const accessTokenBody = z.strictObject({
  team,
  label: z._default(z.string().check(z.maxLength(80)), ""),
  scopes: z._default(z.array(z.enum(["aimdb:read", "aimdb:write"])).check(z.minLength(1)), [
    "aimdb:read",
  ]),
  expires_in_days: z._default(z.number().check(z.int(), z.minimum(1), z.maximum(366)), 90),
});

const teamBody = z.strictObject({ name: z.string().check(z.minLength(1), z.maxLength(80)) });

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "Send the admin token: Authorization: Bearer …",
};

const NO_TEAM: HttpError = { status: 404, code: "not_found", message: "There is no such team." };

export const managementApi = new Hono<{ Bindings: Env }>()
  .use(async (context, next) => {
    const token = bearerToken(context.req.raw.headers);
    if (!(await isAdmin(token, context.env))) return errorResponse(UNAUTHORIZED);
    return next();
  })
  .route("/write-policy", writePolicyApi)
  .post("/teams", async (context) => {
    const body = await readJson(context.req.raw, teamBody, MAX_BODY_BYTES);
    if (!body.ok) return errorResponse(body.error);
    const created = await directoryOf(context.env).createTeam(body.value.name);
    return context.json({ id: created.id, name: created.name }, 201);
  })
  .post("/join-tokens", async (context) => {
    const body = await readJson(context.req.raw, joinTokenBody, MAX_BODY_BYTES);
    if (!body.ok) return errorResponse(body.error);
    const { name_pattern, expires_in_hours } = body.value;
    const created = await inTeam(context.env, body.value.team, (stub) =>
      stub.createJoinToken({
        namePattern: name_pattern,
        lifetimeMs: expires_in_hours * HOUR_MS,
        nowMs: Date.now(),
      }),
    );
    if (!created.ok) return errorResponse(created.error);
    return context.json({ ...created.value, name_pattern }, 201);
  })
  .post("/access-tokens", async (context) => {
    const body = await readJson(context.req.raw, accessTokenBody, MAX_BODY_BYTES);
    if (!body.ok) return errorResponse(body.error);
    const { label, scopes, expires_in_days } = body.value;
    const created = await inTeam(context.env, body.value.team, (stub) =>
      stub.createAccessToken({
        label,
        scopes,
        lifetimeMs: expires_in_days * DAY_MS,
        nowMs: Date.now(),
      }),
    );
    if (!created.ok) return errorResponse(created.error);
    return context.json({ ...created.value, label, scopes }, 201);
  });

interface ShownToken {
  readonly id: string;
  readonly token: string;
  readonly team: string;
  readonly expires_at: string;
}

async function inTeam(
  env: Env,
  teamId: string | undefined,
  create: (stub: Remote<TeamRpc>) => Promise<CreatedToken | null>,
): Promise<Result<ShownToken, HttpError>> {
  const id = teamId ?? (await directoryOf(env).defaultTeam()).id;
  const stub = teamOf(env, id);
  const created = stub === undefined ? null : await create(stub);
  if (created === null) return err(NO_TEAM);
  const expires_at = new Date(created.expiresAtMs).toISOString();
  return ok({ id: created.id, token: created.token, team: id, expires_at });
}
