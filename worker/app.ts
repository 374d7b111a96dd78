/** Every route, in order. */
import { Hono } from "hono";
import { ENROLL_PATH, LINK_PATH, ROTATE_PATH } from "#shared/link/enrollment.ts";
import { passwordLinks } from "./account-pages/password-link-routes.ts";
import { accountPages } from "./account-pages/routes.ts";
import { managementApi } from "./api/management-api.ts";
import { randomHex } from "./auth/secret.ts";
import { TooManyTriesError } from "./auth/too-many-tries-error.ts";
import { confirm } from "./confirm/routes.ts";
import { showOverview } from "./dashboard/overview-page.tsx";
import { dashboard } from "./dashboard/routes.ts";
import type { Env } from "./env.ts";
import { renderHome } from "./home/home-page.ts";
import { askInTime, lateResponse } from "./http/ask-in-time.ts";
import { errorResponse } from "./http/answer/error-response.ts";
import { LateBodyError } from "./http/body/late-body-error.ts";
import { takesPages } from "./http/answer/takes-pages.ts";
import { tooManyTries } from "./http/answer/too-many-tries.ts";
import { unavailableResponse } from "./http/answer/unavailable-response.ts";
import { pageHeaders } from "./http/answer/security-headers.ts";
import { invite } from "./invite/routes.ts";
import { LateError } from "./late-error.ts";
import { logEvent } from "./log.ts";
import { handleMcp, refuseMisdirected } from "./mcp/endpoint.ts";
import type { McpExtension } from "./mcp/serving/extension.ts";
import { handleMetrics } from "./metrics/metrics-endpoint.ts";
import { handleReady } from "./metrics/ready-endpoint.ts";
import { AUTHORIZE_PATH, REGISTER_PATH, TOKEN_PATH } from "./oauth/library/authorization-server.ts";
import { handleAuthorize } from "./oauth/endpoints/authorize.ts";
import {
  serveNothing,
  serveResourceMetadata,
  serveServerMetadata,
} from "./oauth/endpoints/discovery.ts";
import { handleRegister } from "./oauth/endpoints/registration-endpoint.ts";
import { handleToken } from "./oauth/endpoints/token-endpoint.ts";
import { openId } from "./openid/routes.ts";
import { addressedBy, originsOf } from "./origins.ts";
import { handleEnroll } from "./relay/dial/enroll.ts";
import { handleRotate } from "./relay/dial/rotate.ts";
import { handleDial } from "./relay/dial/upgrade.ts";
import { messagePage } from "./pages/page.tsx";
import { readSession } from "./session/read-session.ts";
import { isNewerState, NEWER_STATE } from "./storage/newer-state.ts";
import { signIn } from "./sign-in/routes.ts";
import { teamPages } from "./team-pages/routes.ts";
import { WORKER_VERSION } from "./version.ts";

export interface AppEnv {
  Bindings: Env;
  /** Set only by an app that wraps this one, at build time. */
  Variables: { mcpExtension?: McpExtension; askWithinMs?: number };
}

export const app = new Hono<AppEnv>()
  // Before the host check: probes use an address as host. It tells nothing about what is inside.
  .get("/health", (context) => context.json({ status: "ok" }))
  .use(async (context, next) => {
    const host = context.req.header("host");
    const addressed = addressedBy(host, originsOf(context.env));
    const isMcp = MCP_PATHS.has(context.req.path);
    if (addressed === undefined) {
      return isMcp ? refuseMisdirected(context.req.raw) : errorResponse(MISDIRECTED);
    }
    if (addressed === "token" && !isMcp) return errorResponse(NOT_FOUND);
    return next();
  })
  .all("/mcp", (context) => handleMcp(context.req.raw, context.env, context.var.mcpExtension))
  .all("/mcp/", (context) => handleMcp(context.req.raw, context.env, context.var.mcpExtension))
  .use(askInTime)
  .get("/metrics", (context) => handleMetrics(context.req.raw, context.env))
  .get("/ready", (context) => handleReady(context.req.raw, context.env))
  .all("/.well-known/oauth-protected-resource", (context) =>
    serveResourceMetadata(context.req.raw, context.env),
  )
  .all("/.well-known/oauth-protected-resource/mcp", (context) =>
    serveResourceMetadata(context.req.raw, context.env),
  )
  .all("/.well-known/oauth-authorization-server", (context) =>
    serveServerMetadata(context.req.raw, context.env),
  )
  // Where password managers look (W3C, A Well-Known URL for Changing Passwords).
  .get("/.well-known/change-password", (context) => context.redirect("/account"))
  .all("/.well-known/*", (context) => serveNothing(context.req.raw))
  .all(AUTHORIZE_PATH, (context) => handleAuthorize(context.req.raw, context.env))
  .all(TOKEN_PATH, (context) => handleToken(context.req.raw, context.env))
  .all(REGISTER_PATH, (context) => handleRegister(context.req.raw, context.env))
  .get(LINK_PATH, (context) => handleDial(context.req.raw, context.env))
  .post(ENROLL_PATH, (context) => handleEnroll(context.req.raw, context.env))
  .post(ROTATE_PATH, (context) => handleRotate(context.req.raw, context.env))
  .route("/api/v1", managementApi)
  .route("/", signIn)
  .route("/", invite)
  .route("/", accountPages)
  .route("/", passwordLinks)
  .route("/", openId)
  .route("/", confirm)
  .route("/", dashboard)
  .route("/", teamPages)
  .get("/", async (context) => {
    const session = await readSession(context.req.raw, context.env);
    if (session !== undefined) return showOverview(context.req.raw, context.env, session);
    const { main, token } = originsOf(context.env);
    const nonce = randomHex(16);
    const page = await renderHome({
      mcpUrl: new URL("/mcp", main).href,
      tokenMcpUrl: new URL("/mcp", token).href,
      version: WORKER_VERSION,
      nonce,
    });
    return new Response(page, { headers: pageHeaders(nonce) });
  })
  .notFound(({ req }) => (takesPages(req) ? messagePage(NO_PAGE) : errorResponse(NOT_FOUND)))
  .onError((error, context) => {
    if (error instanceof LateBodyError) {
      return errorResponse({ status: 408, code: "too_slow", message: error.message });
    }
    if (error instanceof TooManyTriesError) return tooManyTries(context, error);
    logEvent("error", "request_failed", { reason: String(error) });
    if (error instanceof LateError) return lateResponse(context);
    if (isNewerState(error)) return unavailableResponse(context, NEWER);
    return errorResponse({
      status: 500,
      code: "internal",
      message: "The worker failed. Its log has the reason.",
    });
  });

/** The token origin serves no other paths, so that no client finds an authorization server there. */
const MCP_PATHS = new Set(["/mcp", "/mcp/"]);

const NEWER = {
  title: "The worker is older than its state",
  code: "newer_state",
  text: NEWER_STATE,
  retryAfterS: 60,
};
const NOT_FOUND = { status: 404, code: "not_found", message: "There is nothing here." } as const;
const NO_PAGE = {
  title: "There is nothing here",
  status: 404,
  text: "No page has this address. What your team has is behind AimDB, at the top.",
};
const MISDIRECTED = {
  status: 421,
  code: "misdirected",
  message: "This worker does not answer for this host. Its address is its PUBLIC_URL.",
} as const;
