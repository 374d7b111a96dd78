/** Headers of every page: nothing is loaded from elsewhere, nothing frames it, nothing is guessed. */

/**
 * Where the page's forms may go. `anywhere` leaves the rule out: browsers also apply it to redirects after the
 * post, and a sign-in ends with a redirect to a client's own address.
 */
export type FormTarget = "none" | "self" | "anywhere";

export function pageHeaders(
  nonce: string,
  forms: FormTarget = "none",
  isLive = false,
): Record<string, string> {
  const formAction = forms === "anywhere" ? "" : `form-action '${forms}'; `;
  const script = isLive ? `script-src 'nonce-${nonce}'; connect-src 'self'; ` : "";
  return {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": `default-src 'none'; style-src 'nonce-${nonce}'; ${script}base-uri 'none'; ${formAction}frame-ancestors 'none'`,
    // With `no-referrer` browsers would send `Origin: null` with our own forms.
    "referrer-policy": forms === "none" ? "no-referrer" : "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
  };
}
