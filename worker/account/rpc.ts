/** What the Worker may ask of an account object. Null means that there is no such account or session. */

export interface AccountCreation {
  readonly email: string;
  readonly displayName: string;
  /** As `hashPassword` made it; null for a person who signs in elsewhere. */
  readonly password: string | null;
  readonly createdAtMs: number;
}

export interface NewSession {
  readonly hash: string;
  readonly nowMs: number;
  /** When the person proved who they are; null if nothing says so. */
  readonly provenAtMs: number | null;
  /** The stored hash, for a sign-in by password: if it has changed by now, no session opens. */
  readonly password?: string | undefined;
}

export interface AccountPerson {
  readonly email: string;
  readonly displayName: string;
  readonly hasPassword: boolean;
  /** Ids of the teams that may know this person; the teams decide. */
  readonly teams: readonly string[];
}

/** Both as `hashPassword` made them. Nothing happens if `was` is no longer the stored one. */
export interface PasswordChange {
  readonly was: string;
  readonly is: string;
}

export interface NewPasswordLink {
  readonly hash: string;
  readonly expiresAtMs: number;
}

export interface PasswordLinkUse {
  readonly hash: string;
  /** As `hashPassword` made it. */
  readonly password: string;
  readonly nowMs: number;
}

export interface AccountSession {
  readonly email: string;
  readonly displayName: string;
  readonly provenAtMs: number | null;
  /** Ids of the teams that may know this person; the teams decide. */
  readonly teams: readonly string[];
}

export interface AccountRpc {
  create(account: AccountCreation): void;
  /** Deletes everything, for good. */
  destroy(): Promise<void>;
  /** The stored hash, which only `worker/auth/password.ts` reads. */
  password(): string | null;
  /** The same password, hashed at another cost. */
  rehashPassword(change: PasswordChange): void;
  /** Also ends all sessions and an open password link. False: the stored password has changed meanwhile. */
  changePassword(change: PasswordChange): boolean;
  person(): AccountPerson | null;
  /** Replaces an earlier link. */
  writePasswordLink(link: NewPasswordLink): void;
  hasPasswordLink(hash: string, nowMs: number): boolean;
  /** As `changePassword`. False: there is no such link, or it has ended. */
  usePasswordLink(use: PasswordLinkUse): boolean;
  openSession(session: NewSession): void;
  /** Stores the session under another hash; everything else about it stays. */
  renewSession(hash: string, newHash: string): void;
  session(hash: string, nowMs: number): AccountSession | null;
  endSession(hash: string): void;
  endOtherSessions(hash: string): void;
  /** All of them, everywhere: after a change of role or password. */
  endSessions(): void;
  /** False if the person is already in as many teams as allowed. */
  join(team: string, nowMs: number): boolean;
  leave(team: string): void;
}
