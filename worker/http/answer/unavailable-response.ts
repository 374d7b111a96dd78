/** The answer if the Worker can't do what it was asked: a page for a person, JSON for a program. */
import type { Context } from "hono";
import { REGISTER_PATH, TOKEN_PATH } from "../../oauth/library/authorization-server.ts";
import { oauthErrorResponse } from "../../oauth/endpoints/oauth-error.ts";
import { withOpenCors } from "../../oauth/endpoints/open-cors.ts";
import { messagePage } from "../../pages/page.tsx";
import { errorResponse } from "./error-response.ts";
import { takesPages } from "./takes-pages.ts";

export interface Unavailable {
  /** Title of the page. */
  readonly title: string;
  readonly code: string;
  readonly text: string;
  readonly retryAfterS: number;
}

export function unavailableResponse(
  { req }: Pick<Context, "req">,
  { title, code, text, retryAfterS }: Unavailable,
): Response | Promise<Response> {
  if (req.path === TOKEN_PATH || req.path === REGISTER_PATH) {
    const error = { status: 503, error: "temporarily_unavailable", description: text } as const;
    return withOpenCors(oauthErrorResponse({ ...error, retryAfterS }));
  }
  if (takesPages(req)) {
    const headers = { "retry-after": String(retryAfterS) };
    return messagePage({ title, status: 503, headers, text });
  }
  return errorResponse({ status: 503, code, message: text, retryAfterS });
}
