/** An authenticated caller acting in one team with scopes. */
import type { Scope } from "#shared/access/scope.ts";
import type { ToolTrace } from "../trace/tool-trace.ts";
import type { AuditReads } from "../access/team-settings.ts";

export interface Principal {
  /**
   * The member, the external issuer's person, or the token itself if it belongs to nobody: named in logs;
   * handles are bound to it.
   */
  readonly id: string;
  /** Id of the token or OAuth grant that was presented. */
  readonly credential?: string;
  /** The team object's id. */
  readonly team: string;
  readonly scopes: readonly Scope[];
  /** The team's version of everybody's rights when it stated these: see access/rights.ts. */
  readonly rightsVersion: number;
  /** The team's setting at that time. Absent for a page, which calls no tool. */
  readonly auditReads?: AuditReads;
  /** The member whose credential it is, and who may approve its writes; absent for a service. */
  readonly person?: string | undefined;
  /**
   * Identifies the tool call being served: 64 random bits in hex. The ids of its calls at devices begin with
   * it, so a device's log and the team's name the same thing. Absent for a page.
   */
  readonly cause?: string;
  /** That call's place in a trace, if one is recorded. */
  readonly trace?: ToolTrace | undefined;
  /** An OAuth client, which can be told to ask its person for more scopes. */
  readonly client?: OAuthClient;
}

export interface OAuthClient {
  readonly id: string;
  readonly expiresAtS: number;
}

/** The renewed principal, serving the same tool call. */
export function onBehalf(renewed: Principal, { cause, trace }: Principal): Principal {
  return { ...renewed, ...(cause === undefined ? {} : { cause }), trace };
}
