/** What the Worker may ask of the directory object. */

export interface TeamRef {
  /** The team object's id. */
  readonly id: string;
  readonly name: string;
}

/** How an OpenID provider identifies a person: never by their address, which may change hands. */
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

export interface Tried {
  readonly email: string;
  /** Where the attempt came from (worker/http/client-address.ts). */
  readonly network: string;
}

export type SignInAttempt =
  /** If the address has no account: one that no password opens. */
  | { readonly ok: true; readonly accountId: string }
  | { readonly ok: false; readonly retryAfterMs: number };

/** What an OpenID provider's answer has to match. */
export interface Transaction {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The person is signed in and has to prove again who they are. */
  readonly isAgain: boolean;
}

export interface NewTransaction extends Transaction {
  readonly hash: string;
  readonly expiresAtMs: number;
}

/** Root secrets, 32 bytes in hex each: the current one signs, both verify. */
export interface RootSecrets {
  readonly current: string;
  readonly previous: string | null;
}

export interface DirectoryRpc {
  installation(): string;
  defaultTeam(): Promise<TeamRef>;
  createTeam(name: string): Promise<TeamRef>;
  teams(): TeamRef[];
  /** For one that has ended. */
  removeTeam(id: string): void;
  createAccount(account: NewAccount): Promise<NewAccountResult>;
  /** For an account that was just made and is not needed after all. */
  dropAccount(accountId: string): Promise<void>;
  accountOfIdentity(identity: Identity): string | null;
  accountOfEmail(email: string): string | null;
  /** Counts as failed until `endAttempt`. */
  beginAttempt(tried: Tried, nowMs: number): Promise<SignInAttempt>;
  /** The password was right. */
  endAttempt(tried: Tried): Promise<void>;
  beginTransaction(transaction: NewTransaction): void;
  /** Once: it is deleted whatever comes of it. */
  takeTransaction(hash: string, nowMs: number): Transaction | null;
  rootSecrets(nowMs: number): RootSecrets;
  /** Writes and reads; false if the value read is not the one written. */
  probeStorage(nowMs: number): boolean;
}
