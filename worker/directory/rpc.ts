/** What the Worker may ask of the directory object. */

export interface TeamRef {
  /** The team object's id. */
  readonly id: string;
  readonly name: string;
}

/** Who an OpenID provider says somebody is: never their address, which may change hands. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

export interface NewAccount {
  readonly email: string;
  readonly displayName: string;
  readonly password: string | null;
  readonly identity: Identity | null;
  readonly nowMs: number;
}

export type NewAccountResult =
  | { readonly ok: true; readonly accountId: string }
  | { readonly ok: false; readonly reason: "taken" };

export type SignInAttempt =
  /** Where the address has no account, one that no password opens. */
  | { readonly ok: true; readonly accountId: string }
  | { readonly ok: false; readonly retryAfterMs: number };

export interface OwnerLink {
  /** Shown once: only its hash is kept. */
  readonly secret: string;
  readonly expiresAtMs: number;
}

export interface DirectoryRpc {
  installation(): string;
  defaultTeam(): Promise<TeamRef>;
  createTeam(name: string): Promise<TeamRef>;
  teams(): TeamRef[];
  createAccount(account: NewAccount): Promise<NewAccountResult>;
  accountOfIdentity(identity: Identity): string | null;
  /** Counts as a failed one until `endAttempt`. */
  beginAttempt(email: string, nowMs: number): Promise<SignInAttempt>;
  endAttempt(email: string): Promise<void>;
}
