/** The answer to a credential that nobody looked at, in the form of the address that it was sent to. */
import type { Context } from "hono";
import type { TooManyTriesError } from "../../auth/too-many-tries-error.ts";
import { TOKEN_PATH } from "../../oauth/library/authorization-server.ts";
import { oauthErrorResponse } from "../../oauth/endpoints/oauth-error.ts";
import { withOpenCors } from "../../oauth/endpoints/open-cors.ts";
import { tooManyAttempts } from "../../pages/too-many-attempts.ts";
import { errorResponse } from "./error-response.ts";
import { takesPages } from "./takes-pages.ts";

export function tooManyTries(
  { req }: Pick<Context, "req">,
  { message, retryAfterS }: TooManyTriesError,
): Response | Promise<Response> {
  if (req.path === TOKEN_PATH) {
    const error = { status: 429, error: "temporarily_unavailable", description: message } as const;
    return withOpenCors(oauthErrorResponse({ ...error, retryAfterS }));
  }
  if (takesPages(req)) return tooManyAttempts(retryAfterS);
  return errorResponse({ status: 429, code: "slow_down", message, retryAfterS });
}
