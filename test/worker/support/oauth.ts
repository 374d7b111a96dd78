/** An OAuth client by hand, and a person who goes through the real pages for it. */
import type { Role } from "../../../worker/access/role.ts";
import { toBase64Url } from "../../../worker/auth/secret.ts";
import type { Env } from "../../../worker/env.ts";
import { namedGrantOf } from "../../../worker/oauth/grants/user-id.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { consentFields } from "../../support/browser/consent-fields.ts";
import type { Browser } from "./browser.ts";
import { postMcp } from "./mcp.ts";
import { inObject } from "./objects.ts";
import { addToTeam, createPerson, signedIn, type TestPerson } from "./person.ts";
import { createTeam } from "./team.ts";
import { bindings, fetchWorker, ORIGIN } from "./worker.ts";

export const CALLBACK = "http://127.0.0.1:33418/callback";
export const RESOURCE = `${ORIGIN}/mcp`;

const LIST = { jsonrpc: "2.0", id: 1, method: "tools/list" };

export interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
  readonly expires_in: number;
}

export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

let nextHost = 0;

/** Each from an address of its own, so that tests do not share a rate. */
export function postRegistration(
  metadata: unknown,
  settings: Partial<Env> = {},
  address = `198.51.100.${(nextHost += 1) % 250}`,
): Promise<Response> {
  return fetchWorker(
    "/oauth/register",
    {
      method: "POST",
      headers: { "content-type": "application/json", "cf-connecting-ip": address },
      body: typeof metadata === "string" ? metadata : JSON.stringify(metadata),
    },
    settings,
  );
}

export async function registerClient(metadata: Record<string, unknown> = {}): Promise<string> {
  const response = await postRegistration({
    redirect_uris: [CALLBACK],
    client_name: "Test Client",
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...metadata,
  });
  if (response.status !== 201) throw new Error(await response.text());
  return (await response.json<{ client_id: string }>()).client_id;
}

export async function createPkce(): Promise<Pkce> {
  const verifier = toBase64Url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  return { verifier, challenge: toBase64Url(new Uint8Array(digest)) };
}

/** A parameter that is undefined is left out. */
export function authorizePath(
  clientId: string,
  challenge: string,
  change: Record<string, string | undefined> = {},
): string {
  const parameters = {
    response_type: "code",
    client_id: clientId,
    redirect_uri: CALLBACK,
    scope: "aimdb:read",
    state: "the-state",
    code_challenge: challenge,
    code_challenge_method: "S256",
    resource: RESOURCE,
    ...change,
  };
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return `/authorize?${new URLSearchParams(given).toString()}`;
}

/** The address the person is sent to. */
export async function consent(
  browser: Browser,
  path: string,
  change: Record<string, string> = {},
): Promise<URL> {
  const page = await browser.get(path);
  if (page.status !== 200) throw new Error(`${page.status} ${await page.text()}`);
  const fields = { ...consentFields(await page.text()), decision: "allow", ...change };
  const response = await browser.post("/authorize", fields);
  const location = response.headers.get("location");
  if (response.status !== 302 || location === null) {
    throw new Error(`${response.status} ${await response.text()}`);
  }
  return new URL(location);
}

export function postToken(
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetchWorker("/oauth/token", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

export interface Connection {
  readonly clientId: string;
  readonly person: TestPerson;
  readonly browser: Browser;
  readonly team: string;
  readonly tokens: Tokens;
  readonly code: string;
  readonly verifier: string;
}

/** From registration to tokens. */
export async function connect({
  role = "operator",
  scope = "aimdb:read",
}: { role?: Role; scope?: string } = {}): Promise<Connection> {
  const team = (await createTeam()).id;
  const person = await createPerson();
  await addToTeam(person, team, role);
  const browser = await signedIn(person);
  const clientId = await registerClient();
  const { verifier, challenge } = await createPkce();
  const landed = await consent(browser, authorizePath(clientId, challenge, { scope }));
  const code = landed.searchParams.get("code") ?? "";
  const response = await exchange({ clientId, code, verifier });
  if (response.status !== 200) throw new Error(await response.text());
  const tokens = await response.json<Tokens>();
  return { clientId, person, browser, team, tokens, code, verifier };
}

/** What a person's consent in a team comes to, without the pages. */
export async function plantGrant(
  team: string,
  accountId: string,
  client?: string,
): Promise<string> {
  const clientId = client ?? (await registerClient());
  const { verifier, challenge } = await createPkce();
  const consented = await teamOf(bindings, team)?.consent({
    request: {
      responseType: "code",
      clientId,
      redirectUri: CALLBACK,
      scope: ["aimdb:read"],
      state: "",
      codeChallenge: challenge,
      codeChallengeMethod: "S256",
    },
    account: accountId,
    scopes: ["aimdb:read"],
    clientName: "Test Client",
  });
  if (consented?.ok !== true) throw new Error("The consent came to nothing");
  const code = new URL(consented.redirectTo).searchParams.get("code") ?? "";
  const response = await exchange({ clientId, code, verifier });
  if (response.status !== 200) throw new Error(await response.text());
  return namedGrantOf(code)?.grant ?? "";
}

/** So many in the table, of no real client. Their ids come after all that are random. */
export async function plantGrants(
  team: string,
  { accountId }: TestPerson,
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, i) => `zzz${String(i).padStart(13, "0")}`);
  const value = { clientId: "c", refreshTokenId: "r", scope: [], createdAt: 0, metadata: {} };
  await inObject("TEAM", team, ({ storage: { sql } }) => {
    for (const id of ids) {
      const key = `grant:${team}.${accountId}:${id}`;
      sql.exec("INSERT INTO oauth_entry VALUES (?, ?, NULL, NULL)", key, JSON.stringify(value));
    }
  });
  return ids;
}

export function exchange(
  { clientId, code, verifier }: { clientId: string; code: string; verifier: string },
  change: Record<string, string> = {},
): Promise<Response> {
  return postToken({
    grant_type: "authorization_code",
    client_id: clientId,
    code,
    code_verifier: verifier,
    redirect_uri: CALLBACK,
    resource: RESOURCE,
    ...change,
  });
}

export function refresh(
  clientId: string,
  refreshToken: string,
  change: Record<string, string> = {},
): Promise<Response> {
  return postToken({
    grant_type: "refresh_token",
    client_id: clientId,
    refresh_token: refreshToken,
    ...change,
  });
}

/** How an endpoint of OAuth refused. */
export async function errorOf(response: Response): Promise<object> {
  const { error } = await response.json<{ error: string }>();
  return { status: response.status, error };
}

/** 200 if the token opens /mcp. */
export async function statusWith(token: string): Promise<number> {
  return (await postMcp(token, LIST)).status;
}
