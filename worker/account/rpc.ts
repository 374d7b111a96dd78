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
  setPassword(password: string): void;
  openSession(session: NewSession): void;
  /** Under another hash: all else of it stays. */
  renewSession(hash: string, newHash: string): void;
  session(hash: string, nowMs: number): AccountSession | null;
  endSession(hash: string): void;
  /** Everywhere: after a change of role or password. */
  endSessions(): void;
  /** False if the person is in as many teams as may be. */
  join(team: string, nowMs: number): boolean;
  leave(team: string): void;
}
