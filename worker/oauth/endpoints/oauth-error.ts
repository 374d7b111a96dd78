/** Errors of OAuth's endpoints that are found before the library sees the request (RFC 6749 §5.2). */

export interface EndpointError {
  readonly status: 400 | 413 | 429 | 503;
  readonly error: string;
  readonly description: string;
  readonly retryAfterS?: number;
}

export function oauthErrorResponse({
  status,
  error,
  description,
  retryAfterS,
}: EndpointError): Response {
  const headers = new Headers({ "cache-control": "no-store", pragma: "no-cache" });
  if (retryAfterS !== undefined) headers.set("retry-after", String(retryAfterS));
  return Response.json({ error, error_description: description }, { status, headers });
}
