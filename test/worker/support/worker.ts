/** The Worker as HTTP reaches it: with a Host header, and an admin token set. */
import { env } from "cloudflare:workers";
import { app } from "../../../worker/app.ts";
import type { Env } from "../../../worker/env.ts";

export const ORIGIN = "http://localhost:8787";
export const TOKEN_ORIGIN = "http://token.localhost:8787";
export const ADMIN_TOKEN = "an-admin-token-of-forty-characters-00001";

export const bindings: Env = { ...(env as unknown as Env), ADMIN_TOKEN };

export async function fetchWorker(
  address: string,
  init: RequestInit = {},
  settings: Partial<Env> = {},
): Promise<Response> {
  const url = new URL(address, ORIGIN);
  const headers = new Headers(init.headers);
  if (!headers.has("host")) headers.set("host", url.host);
  return app.fetch(new Request(url, { ...init, headers }), { ...bindings, ...settings });
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}

export function postApi(path: string, body: unknown): Promise<Response> {
  return sendApi(path, "POST", body);
}

export function sendApi(path: string, method: string, body?: unknown): Promise<Response> {
  return fetchWorker(`/api/v1/${path}`, {
    method,
    headers: bearer(ADMIN_TOKEN),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
