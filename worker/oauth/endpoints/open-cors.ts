/**
 * For clients that run in a page of any origin: OAuth's own endpoints take no cookie, so such a page can't act as
 * the person.
 */

const HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, POST, OPTIONS",
  // `*` would not cover Authorization.
  "access-control-allow-headers":
    "authorization, content-type, accept, mcp-protocol-version, mcp-method, mcp-name, mcp-session-id, last-event-id",
  "access-control-expose-headers":
    "WWW-Authenticate, Retry-After, Mcp-Session-Id, MCP-Protocol-Version",
  "access-control-max-age": "86400",
};

export function withOpenCors(response: Response): Response {
  const open = new Response(response.body, response);
  for (const [name, value] of Object.entries(HEADERS)) open.headers.set(name, value);
  open.headers.delete("vary");
  return open;
}
