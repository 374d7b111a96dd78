/** An authenticated caller acting in one team with scopes. */
import type { Scope } from "#shared/scope.ts";

export interface Principal {
  /** The member, or the token where it is nobody's: named in logs; handles are bound to it. */
  readonly id: string;
  /** The team object's id. */
  readonly team: string;
  readonly scopes: readonly Scope[];
  /** The token, where the team object keeps it: it may end before what was asked with it. */
  readonly credential?: string | undefined;
  /** Whose credential it is; absent for a service. */
  readonly person?: string | undefined;
}
