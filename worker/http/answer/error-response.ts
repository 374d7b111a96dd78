/** Errors of everything but `/mcp`, whose errors are JSON-RPC's. */

export interface HttpError {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 412 | 413 | 421 | 429 | 500 | 503;
  readonly code: string;
  /** What happened and what to do. */
  readonly message: string;
  readonly free_name?: string;
  readonly required_scope?: string;
  /** A header, not in the body. */
  readonly retryAfterS?: number;
}

export function errorResponse({ status, retryAfterS, ...error }: HttpError): Response {
  const response = Response.json({ error }, { status });
  if (status === 401) response.headers.set("www-authenticate", "Bearer");
  if (retryAfterS !== undefined) response.headers.set("retry-after", String(retryAfterS));
  return response;
}
