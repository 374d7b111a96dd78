/** Turns a form post into a call of the management API, so that the same checks, bounds and messages apply. */
import * as z from "zod/mini";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { API_ROUTES } from "../api/management-api.ts";
import type { Route } from "../api/route.ts";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { entityTag } from "../http/if-match.ts";
import { originsOf } from "../origins.ts";

export interface ApiCall {
  readonly method: Route["method"];
  /** The API's path, with `:id` or `:name`. */
  readonly path: string;
  /** The value for `:id` or `:name`. */
  readonly target?: string;
  /** For what is made; the same form has the same. */
  readonly newId?: string | undefined;
  readonly query?: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body?: string;
  /** The version that may be replaced. */
  readonly over?: string;
}

const errorAnswer = z.object({ error: z.object({ message: z.string() }) });

/** The answer, or the API's own error. */
export async function callApi(opened: OpenedPage, call: ApiCall): Promise<Result<unknown, string>> {
  const response = await askApi(opened, call);
  const text = await response.text();
  const answer: unknown = text === "" ? null : JSON.parse(text);
  if (response.ok) return ok(answer);
  return err(safeParse(errorAnswer, answer).data?.error.message ?? "That did not work.");
}

/** The API's own answer. */
export function askApi(
  { env, session, membership }: OpenedPage,
  { method, path, target = "", newId, query = {}, body, over }: ApiCall,
): Promise<Response> {
  const route = API_ROUTES.find((one) => one.method === method && one.path === path);
  if (route === undefined) throw new Error(`The API has no ${method} ${path}`);
  const address = new URL("/api/v1", originsOf(env).main);
  address.search = new URLSearchParams({ ...query, team: membership.teamId }).toString();
  const request = new Request(address, {
    method: "POST",
    ...(body === undefined ? {} : { body }),
    ...(over === undefined ? {} : { headers: { "if-match": entityTag(over) } }),
  });
  return route.handle(request, env, { caller: { type: "person", session }, target, newId });
}
