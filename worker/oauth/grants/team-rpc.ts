/** What the Worker may ask a team's object about OAuth. Null means that there is no such team. */
import type { AuthRequest } from "@cloudflare/workers-oauth-provider";
import type { Scope } from "#shared/access/scope.ts";
import type { Effect } from "../../access/rights.ts";
import type { AuditReads } from "../../access/team-settings.ts";
import type { NamedGrant } from "./user-id.ts";

export interface OAuthCredential {
  /** The grant's id: all tokens of one consent. */
  readonly id: string;
  /** The member's id. */
  readonly principal: string;
  readonly account: string;
  readonly client: string;
  /** Those consented to that the person still has. */
  readonly scopes: Scope[];
  readonly expiresAtS: number;
  /** The version of everybody's rights in the team at this moment. */
  readonly rightsVersion: number;
  readonly auditReads: AuditReads;
}

/** A request to the token endpoint, as far as the library looks at it. */
export interface TokenRequest {
  readonly grant: NamedGrant;
  readonly authorization: string | undefined;
  /** application/x-www-form-urlencoded. */
  readonly form: string;
}

export interface TokenAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Consent {
  readonly request: AuthRequest;
  readonly account: string;
  /** What the person ticked. */
  readonly scopes: readonly Scope[];
  readonly clientName: string;
}

export type ConsentResult =
  | { readonly ok: true; readonly redirectTo: string }
  | { readonly ok: false; readonly reason: "not_a_member" | "client_gone" };

/** A connected client, as its person or the team's owner sees it. */
export interface GrantView {
  readonly id: string;
  readonly memberId: string;
  readonly clientName: string;
  /** Where its answers are sent. */
  readonly redirectHost: string;
  readonly scopes: Scope[];
  readonly createdAtMs: number;
}

/** Ordered by member and id; those after the named one, which may no longer exist. */
export interface GrantsPage {
  readonly after: { readonly memberId: string; readonly id: string } | null;
  readonly limit: number;
}

export interface TeamOAuthRpc {
  authorizeOAuth(token: string): Promise<OAuthCredential | null>;
  oauthToken(request: TokenRequest): Promise<TokenAnswer | null>;
  consent(consent: Consent): Promise<ConsentResult>;
  /** One member's, or everybody's for null. */
  grants(memberId: string | null, page: GrantsPage): GrantView[];
  grant(id: string, memberId: string): GrantView | null;
  /** Ends the grant and its tokens; null: it does not exist, or is not theirs. */
  revokeGrant(id: string, memberId: string | null): Promise<Effect | null>;
}
