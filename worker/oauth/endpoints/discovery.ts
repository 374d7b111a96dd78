/** The well-known documents, without any sign-in before them (RFC 9728, RFC 8414). */
import { OAuthResourceServer } from "@cloudflare/workers-oauth-provider";
import * as z from "zod/mini";
import type { Env } from "../../env.ts";
import { errorResponse } from "../../http/answer/error-response.ts";
import { originsOf } from "../../origins.ts";
import { createAuthorizationServer, hasOAuth } from "../library/authorization-server.ts";
import { toKv } from "../storage/kv.ts";
import { libraryContext } from "../library/library-context.ts";
import { withOpenCors } from "./open-cors.ts";
import { resourceOptions } from "./resource-options.ts";
import { allowsClientDocuments } from "../storage/shared-entries.ts";

/**
 * The same document at the path that RFC 9728 derives from the resource, and at the root, where clients look that
 * know only the host.
 */
export async function serveResourceMetadata(request: Request, env: Env): Promise<Response> {
  const { main } = originsOf(env);
  if (!hasOAuth(main)) return serveNothing(request);
  const server = new OAuthResourceServer({
    ...resourceOptions(main),
    validateToken: () => () => Promise.resolve(null),
    handler: { fetch: () => errorResponse(NOT_FOUND) },
  });
  const address = new URL("/.well-known/oauth-protected-resource/mcp", main);
  const asked = new Request(address, { method: request.method });
  return withOpenCors(await server.fetch(asked, {}, libraryContext()));
}

export async function serveServerMetadata(request: Request, env: Env): Promise<Response> {
  const { main } = originsOf(env);
  if (!hasOAuth(main)) return serveNothing(request);
  const asked = new Request(new URL("/.well-known/oauth-authorization-server", main), {
    method: request.method === "HEAD" ? "GET" : request.method,
  });
  const response = await createAuthorizationServer({ main }).fetch(
    asked,
    NOTHING,
    libraryContext(),
  );
  if (response.status !== 200) return withOpenCors(response);
  const metadata = z.looseObject({}).parse(await response.json());
  // The store fetches the documents, without the library knowing.
  const client_id_metadata_document_supported = allowsClientDocuments(env);
  return withOpenCors(Response.json({ ...metadata, client_id_metadata_document_supported }));
}

/** Clients try several documents in turn; a missing one gets a plain 404. */
export function serveNothing({ method }: Request): Response {
  const response =
    method === "OPTIONS" ? new Response(null, { status: 204 }) : errorResponse(NOT_FOUND);
  return withOpenCors(response);
}

const NOTHING = {
  OAUTH_KV: toKv(
    { get: () => null, put: () => undefined, delete: () => undefined, list: () => [] },
    Date.now,
  ),
};
const NOT_FOUND = { status: 404, code: "not_found", message: "There is nothing here." } as const;
