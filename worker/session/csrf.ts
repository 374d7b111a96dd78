/**
 * A form post is believed if the browser says that a page of ours sent it, and the form carries the session's own
 * token. Either alone would do, but browsers have been wrong about each.
 */
import { equalHashes, hashSecret } from "../auth/secret.ts";
import { addressedBy, originsOf, type OriginSettings } from "../origins.ts";

export const CSRF_FIELD = "csrf";

/** Derived, so that nothing is stored. It can't be reversed: the secret has 256 bits. */
export function csrfTokenOf(sessionSecret: string): Promise<string> {
  return hashSecret(`csrf/1 ${sessionSecret}`);
}

/** `form` is what `readForm` returned. */
export function isOwnForm(
  request: Request,
  settings: OriginSettings,
  { csrfToken, form }: { csrfToken: string; form: { readonly [CSRF_FIELD]?: unknown } },
): boolean {
  const sent = form[CSRF_FIELD];
  return isOwnOrigin(request, settings) && typeof sent === "string" && equalHashes(sent, csrfToken);
}

/** For a post before there is a session: signing in. Browsers send Origin with every post. */
export function isOwnOrigin(request: Request, settings: OriginSettings): boolean {
  const origins = originsOf(settings);
  try {
    const url = new URL(request.headers.get("origin") ?? "");
    return url.protocol === origins.main.protocol && addressedBy(url.host, origins) === "main";
  } catch {
    return false;
  }
}
