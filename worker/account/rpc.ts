/** What the Worker may ask of an account object. Null means: there is no such account, or session. */

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
  /** When the person showed who they are; null: nobody says. */
  readonly provenAtMs: number | null;
  /** As it is stored, for who came in by it: where it is another by now, no session opens. */
  readonly password?: string | undefined;
}

export interface AccountPerson {
  readonly email: string;
  readonly displayName: string;
  readonly hasPassword: boolean;
  /** Ids of the teams that may know this person; they have the last word. */
  readonly teams: readonly string[];
}

/** Both as `hashPassword` made them. Nothing happens where the first is not the stored one any more. */
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
  /** Ids of the teams that may know this person; they have the last word. */
  readonly teams: readonly string[];
}

export interface AccountRpc {
  create(account: AccountCreation): void;
  /** All of it, for good. */
  destroy(): Promise<void>;
  /** The stored hash, which only `worker/auth/password.ts` reads. */
  password(): string | null;
  /** The same one, hashed at another cost. */
  rehashPassword(change: PasswordChange): void;
  /** All sessions end, and a link that is open. False: it was another one by now. */
  changePassword(change: PasswordChange): boolean;
  person(): AccountPerson | null;
  /** It takes the place of an earlier one. */
  writePasswordLink(link: NewPasswordLink): void;
  hasPasswordLink(hash: string, nowMs: number): boolean;
  /** As `changePassword`. False: there is no such link, or it is over. */
  usePasswordLink(use: PasswordLinkUse): boolean;
  openSession(session: NewSession): void;
  /** Under another hash: all else of it stays. */
  renewSession(hash: string, newHash: string): void;
  session(hash: string, nowMs: number): AccountSession | null;
  endSession(hash: string): void;
  endOtherSessions(hash: string): void;
  /** Everywhere: after a change of role or password. */
  endSessions(): void;
  /** False if the person is in as many teams as may be. */
  join(team: string, nowMs: number): boolean;
  leave(team: string): void;
}
