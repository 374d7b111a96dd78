/** Errors of everything but `/mcp`, whose errors are JSON-RPC's. */

export interface HttpError {
  readonly status:
    | 400
    | 401
    | 403
    | 404
    | 405
    | 408
    | 409
    | 412
    | 413
    | 415
    | 421
    | 429
    | 500
    | 503;
  readonly code: string;
  /** What happened and what to do. */
  readonly message: string;
  readonly free_name?: string;
  readonly required_scope?: string;
}

export function errorResponse({ status, ...error }: HttpError): Response {
  const headers = status === 401 ? { "www-authenticate": "Bearer" } : undefined;
  return Response.json({ error }, headers === undefined ? { status } : { status, headers });
}
