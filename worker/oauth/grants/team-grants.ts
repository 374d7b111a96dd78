/**
 * The grants and tokens of one team, in its own object. The library runs here, one request at a time for each
 * grant: it reads, checks and writes without a lock of its own.
 */
import { OAuthError, type OAuthAuthorizationServer } from "@cloudflare/workers-oauth-provider";
import * as z from "zod/mini";
import { allows, scopeSchema, type Scope } from "#shared/access/scope.ts";
import { hashSecret } from "../../auth/secret.ts";
import { OAUTH_SCOPES, resourceOf, TOKEN_PATH } from "../library/authorization-server.ts";
import { looksLikeUrl } from "../clients/client-id-url.ts";
import type { EntryStore, ListedKey } from "../storage/entry-store.ts";
import { KeyedLock } from "./keyed-lock.ts";
import { toKv, type Entries, type OAuthEnv } from "../storage/kv.ts";
import { libraryContext } from "../library/library-context.ts";
import { shownRedirectHost } from "../clients/redirect-uri.ts";
import { RepeatedRefreshes } from "./repeated-refreshes.ts";
import type {
  Consent,
  ConsentResult,
  OAuthCredential,
  TokenAnswer,
  TokenRequest,
} from "./team-rpc.ts";
import { grantKey, grantOfKey, namedGrantOf, toUserId, type NamedGrant } from "./user-id.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** Per account. A client that connects again replaces its previous grant; one that registers again does not. */
export const MAX_GRANTS = 50;
/** Ended at once, so that a consent does not wait for more. */
const MAX_ENDED = 10;

const grantSchema = z.looseObject({
  clientId: z.string(),
  refreshTokenId: z.optional(z.string()),
  scope: z.array(z.string()),
  /** Unix seconds. */
  createdAt: z.number(),
  redirectUri: z._default(z.string(), ""),
  metadata: z.looseObject({ clientName: z._default(z.string(), "") }),
});

export interface GrantHolder {
  /** The member's id. */
  readonly id: string;
  readonly scopes: readonly Scope[];
}

export interface Grant {
  readonly id: string;
  readonly clientName: string;
  readonly redirectHost: string;
  readonly scopes: Scope[];
  readonly createdAtMs: number;
}

export type ValidGrant = Omit<OAuthCredential, "rightsVersion" | "auditReads">;

export interface TeamGrantsParts {
  /** The team object's id. */
  readonly team: string;
  readonly main: URL;
  /** Made on first use. */
  readonly server: () => OAuthAuthorizationServer<OAuthEnv>;
  readonly entries: EntryStore;
  /** Registered clients: they belong to no team. */
  readonly shared: Entries;
  /** The same, for a client that has a grant. */
  readonly sharedOfGrants: Entries;
  /** What the account may do in this team now; undefined: it is not a member. */
  readonly memberOf: (account: string) => GrantHolder | undefined;
  /** Called in the same turn in which the grant, or a token of it, is deleted. */
  readonly onEnded: (grant: string) => void;
  readonly now: () => number;
}

export class TeamGrants {
  readonly #parts: TeamGrantsParts;
  readonly #lock = new KeyedLock();
  readonly #refreshes = new RepeatedRefreshes();

  constructor(parts: TeamGrantsParts) {
    this.#parts = parts;
  }

  /** Null for a token that is not valid, or no longer. */
  async authorize(token: string): Promise<ValidGrant | null> {
    const { server, main, team, memberOf } = this.#parts;
    const named = namedGrantOf(token);
    if (named?.team !== team) return null;
    const valid = await server().validateToken(resourceOf(main), token, this.#env(named));
    if (valid === null) return null;
    const member = memberOf(named.account);
    const scopes = member === undefined ? [] : scopesWithin(toScopes(valid.scope), member.scopes);
    if (member === undefined || scopes.length === 0) return null;
    const { clientId: client, expiresAt: expiresAtS } = valid;
    const { account, grant: id } = named;
    return { id, principal: member.id, account, client, scopes, expiresAtS };
  }

  exchange(request: TokenRequest): Promise<TokenAnswer> {
    const { grant, authorization = "", form } = request;
    return this.#lock.run(grant.grant, async () => {
      const hash = await hashSecret(`${authorization}\n${form}`);
      const same = { grant: grant.grant, hash };
      const repeated = this.#refreshes.answerTo(same, this.#refreshTokenId(grant), this.#now());
      if (repeated !== undefined) return repeated;
      const answer = await this.#ask(request);
      if (new URLSearchParams(form).get("grant_type") === "refresh_token") {
        const given = { answer, refreshTokenId: this.#refreshTokenId(grant) };
        this.#refreshes.keep(same, given, this.#now());
      }
      return answer;
    });
  }

  async consent({ request, account, scopes, clientName }: Consent): Promise<ConsentResult> {
    const { team, server, memberOf } = this.#parts;
    const member = memberOf(account);
    if (member === undefined) return { ok: false, reason: "not_a_member" };
    const api = server().getOAuthApi(this.#env());
    if ((await api.lookupClient(request.clientId)) === null) {
      return { ok: false, reason: "client_gone" };
    }
    const { redirectTo } = await api.completeAuthorization({
      request,
      userId: toUserId({ team, account }),
      scope: scopesWithin(scopes, member.scopes),
      metadata: { clientName },
      props: {},
    });
    return { ok: true, redirectTo };
  }

  has(account: string, id: string): boolean {
    return this.#grant(this.#named(account, id)) !== undefined;
  }

  /** Undefined also for a code that was never exchanged: that is no connection yet. */
  find(account: string, id: string): Grant | undefined {
    const grant = this.#grant(this.#named(account, id));
    if (grant?.refreshTokenId === undefined) return undefined;
    return {
      id,
      clientName: grant.metadata.clientName,
      redirectHost: shownRedirectHost(grant.redirectUri),
      scopes: toScopes(grant.scope),
      createdAtMs: grant.createdAt * 1_000,
    };
  }

  /** In the order of their ids, starting after `after`. */
  list(account: string, { after, limit }: { after: string; limit: number }): Grant[] {
    const prefix = grantKey(this.#named(account, ""));
    const found: Grant[] = [];
    let last: string | undefined = prefix + after;
    while (last !== undefined && found.length < limit) {
      const keys: ListedKey[] = this.#parts.entries.list(prefix, limit, last);
      found.push(...keys.flatMap(({ key }) => this.find(account, grantOfKey(key) ?? "") ?? []));
      last = keys.at(-1)?.key;
    }
    return found.slice(0, limit);
  }

  /** Deletion wins over anything in progress: see #entriesFor. */
  revoke(account: string, id: string): boolean {
    const { entries, onEnded } = this.#parts;
    const named = this.#named(account, id);
    if (this.#grant(named) === undefined) return false;
    entries.delete(grantKey(named));
    entries.deleteAll(`token:${toUserId(named)}:${id}:`);
    onEnded(id);
    return true;
  }

  /**
   * Ends the grants beyond the clients that an account may have: those unused for the longest, because each use,
   * at least once an hour, stores a grant anew. Returns their clients' names.
   */
  endUnused(account: string): string[] {
    const prefix = grantKey(this.#named(account, ""));
    const keys = this.#parts.entries.beforeLatest(MAX_GRANTS, prefix, MAX_ENDED);
    return keys.map((key) => {
      const id = grantOfKey(key) ?? "";
      const name = this.#grant(this.#named(account, id))?.metadata.clientName ?? "";
      this.revoke(account, id);
      return name;
    });
  }

  /** Everything that the account ever consented to in this team. */
  forget(account: string): void {
    const { entries, team } = this.#parts;
    const user = toUserId({ team, account });
    entries.deleteAll(`grant:${user}:`);
    entries.deleteAll(`token:${user}:`);
  }

  async #ask({ grant, authorization, form }: TokenRequest): Promise<TokenAnswer> {
    const { server, main } = this.#parts;
    const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
    if (authorization !== undefined) headers.set("authorization", authorization);
    const request = new Request(new URL(TOKEN_PATH, main), { method: "POST", headers, body: form });
    const response = await server().fetch(request, this.#env(grant), libraryContext());
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: await response.text(),
    };
  }

  #env(grant?: NamedGrant): OAuthEnv {
    return { OAUTH_KV: toKv(this.#entriesFor(grant), this.#parts.now) };
  }

  /**
   * With a grant, only that grant is accessible, and it can be changed but not created: a grant that was revoked
   * while the library was working stays revoked.
   */
  #entriesFor(grant: NamedGrant | undefined): Entries {
    const { entries, onEnded } = this.#parts;
    const shared = grant === undefined ? this.#parts.shared : this.#parts.sharedOfGrants;
    const isOwn = (key: string) => key.startsWith("grant:") || key.startsWith("token:");
    return {
      get: (key) => {
        if (isOwn(key)) return entries.get(key);
        return this.#mayLookUp(key, grant) ? shared.get(key) : null;
      },
      put: (key, entry) => {
        if (!isOwn(key)) return shared.put(key, entry);
        if (grant !== undefined && entries.get(grantKey(grant)) === null) throw grantGone();
        entries.put(key, entry);
      },
      delete: (key) => {
        if (!isOwn(key)) return shared.delete(key);
        entries.delete(key);
        const ended = grantOfKey(key);
        if (ended !== undefined) onEnded(ended);
      },
      list: (prefix, limit, after) => entries.list(prefix, limit, after),
    };
  }

  /** A document is fetched for a client that has a grant, not for anybody who names an address. */
  #mayLookUp(key: string, grant: NamedGrant | undefined): boolean {
    const clientId = key.slice("client:".length);
    if (grant === undefined || !looksLikeUrl(clientId)) return true;
    return this.#grant(grant)?.clientId === clientId;
  }

  #named(account: string, grant: string): NamedGrant {
    return { team: this.#parts.team, account, grant };
  }

  #refreshTokenId(grant: NamedGrant): string | undefined {
    return this.#grant(grant)?.refreshTokenId;
  }

  #grant(named: NamedGrant): z.infer<typeof grantSchema> | undefined {
    const text = this.#parts.entries.get(grantKey(named));
    return text === null ? undefined : grantSchema.parse(JSON.parse(text));
  }

  #now(): number {
    return this.#parts.now();
  }
}

/** The library answers as for any other grant that does not exist. */
function grantGone(): OAuthError {
  return new OAuthError("invalid_grant", { description: "Grant not found" });
}

function toScopes(texts: readonly string[]): Scope[] {
  return texts.flatMap((text) => safeParse(scopeSchema, text).data ?? []);
}

/** The scopes that both allow, out of those that a client may have at all. */
function scopesWithin(granted: readonly Scope[], allowed: readonly Scope[]): Scope[] {
  return OAUTH_SCOPES.filter((scope) => allows(granted, scope) && allows(allowed, scope));
}
