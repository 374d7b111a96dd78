/** `/api/v1`: used by owners' scripts and by the pages. Its routes are in the files beside this one. */
import { Hono } from "hono";
import type { Env } from "../env.ts";
import { handleEvents } from "../events/events-endpoint.ts";
import { errorResponse, type HttpError } from "../http/answer/error-response.ts";
import { apiWaitS } from "./api-limit.ts";
import { isForged, lacksAdmin, readCaller, type Caller } from "./caller.ts";
import { openApiDocument } from "./openapi.ts";
import { insufficientScope, type Route } from "./route.ts";
import { activityRoutes } from "./activity-routes.ts";
import { accessTokenRoutes } from "./access-token-routes.ts";
import { externalSubjectRoutes } from "./external-subject-routes.ts";
import { grantRoutes } from "./grant-routes.ts";
import { invitationRoutes } from "./invitation-routes.ts";
import { joinTokenRoutes } from "./join-token-routes.ts";
import { memberRoutes } from "./member-routes.ts";
import { passwordLinkRoutes } from "./password-link-routes.ts";
import { relayPolicyRoutes } from "./relay-policy-routes.ts";
import { relayRoutes } from "./relay-routes.ts";
import { teamRoutes } from "./team-routes.ts";
import { writePolicyRoutes } from "./write-policy-routes.ts";

export const API_ROUTES: readonly Route[] = [
  ...teamRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...passwordLinkRoutes,
  ...joinTokenRoutes,
  ...accessTokenRoutes,
  ...grantRoutes,
  ...externalSubjectRoutes,
  ...relayRoutes,
  ...relayPolicyRoutes,
  ...writePolicyRoutes,
  ...activityRoutes,
];

interface ApiEnv {
  readonly Bindings: Env;
  readonly Variables: { caller: Caller };
}

export const managementApi = new Hono<ApiEnv>()
  .get("/openapi.json", (context) => context.json(openApiDocument(API_ROUTES, context.env)))
  // Before the caller check of the other routes: this one is open to any caller that may read.
  .get("/events", (context) => handleEvents(context.req.raw, context.env))
  .use(async (context, next) => {
    const request = context.req.raw;
    const caller = await readCaller(request, context.env);
    if (caller === undefined) return errorResponse(UNAUTHORIZED);
    if (lacksAdmin(caller)) return errorResponse(insufficientScope("aimdb:admin"));
    if (isForged(request, caller, context.env)) return errorResponse(FORGED);
    const waitS = apiWaitS(caller, context.env, Date.now());
    if (waitS > 0) return errorResponse(tooOften(waitS));
    context.set("caller", caller);
    return next();
  });

for (const route of API_ROUTES) {
  managementApi.on(route.method, route.path, (context) => {
    const { id, name } = context.req.param() as { id?: string; name?: string };
    const called = { caller: context.get("caller"), target: id ?? name ?? "" };
    return route.handle(context.req.raw, context.env, called);
  });
}

function tooOften(retryAfterS: number): HttpError {
  const message = `This caller asks too often. Nothing was done. Ask again in ${retryAfterS} s.`;
  return { status: 429, code: "rate_limited", message, retryAfterS };
}

const UNAUTHORIZED: HttpError = {
  status: 401,
  code: "unauthorized",
  message: "Send the admin token or an access token with aimdb:admin: Authorization: Bearer …",
};
const FORGED: HttpError = {
  status: 403,
  code: "forged",
  message: "A page of ours sends x-csrf-token with what it changes.",
};
