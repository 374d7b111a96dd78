/** An authenticated caller acting in one team with scopes. */
import type { Scope } from "#shared/scope.ts";
import type { ToolTrace } from "../trace/tool-trace.ts";
import type { AuditReads } from "../access/team-settings.ts";

export interface Principal {
  /**
   * The member, the person of an external issuer, or the token where it is nobody's: named in logs;
   * handles are bound to it.
   */
  readonly id: string;
  /** What was presented: the token's id, or that of the OAuth grant. */
  readonly credential?: string;
  /** The team object's id. */
  readonly team: string;
  readonly scopes: readonly Scope[];
  /** The team's version of everybody's rights when it said so: see access/rights.ts. */
  readonly rightsVersion: number;
  /** The team's, when it said so. Absent for a page, which calls no tool. */
  readonly auditReads?: AuditReads;
  /** The member whose credential it is, who may approve its writes; absent for a service. */
  readonly person?: string | undefined;
  /**
   * The tool call on whose behalf it acts: 64 random bits in hex, with which the ids of calls at devices begin, so
   * that a device's log and the team's name the same thing. Absent for a page.
   */
  readonly cause?: string;
  /** Where that call stands in a trace, if somebody keeps one. */
  readonly trace?: ToolTrace | undefined;
  /** An OAuth client, which can be told to ask its person for more. */
  readonly client?: OAuthClient;
}

export interface OAuthClient {
  readonly id: string;
  readonly expiresAtS: number;
}

/** Of the same tool call. */
export function onBehalf(renewed: Principal, { cause, trace }: Principal): Principal {
  return { ...renewed, ...(cause === undefined ? {} : { cause }), trace };
}
