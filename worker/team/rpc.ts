/** What the Worker may ask of a team object. Null means: there is no such team. */
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { Role } from "../access/role.ts";
import type { Scope } from "#shared/scope.ts";

export interface TeamCreation {
  readonly name: string;
  readonly installation: string;
  readonly createdAtMs: number;
}

export interface JoinTokenOptions {
  /** A glob over relay names. */
  readonly namePattern: string;
  readonly lifetimeMs: number;
  readonly nowMs: number;
}

export interface AccessTokenOptions {
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly lifetimeMs: number;
  readonly nowMs: number;
}

export interface CreatedToken {
  readonly id: string;
  /** Shown once: only its hash is kept. */
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface Credential {
  readonly id: string;
  readonly scopes: Scope[];
}

export interface NewMember {
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  readonly role: Role;
  readonly nowMs: number;
}

export interface Member {
  readonly id: string;
  readonly role: Role;
  readonly teamName: string;
}

export interface RelayRef {
  readonly name: string;
  readonly objectId: string;
}

export interface Enrollment {
  readonly tokenHash: string;
  readonly name: string;
  readonly publicKey: PublicKey;
  readonly nowMs: number;
}

export type EnrollmentResult =
  | {
      readonly ok: true;
      readonly relay: string;
      readonly relayId: string;
      readonly installation: string;
      readonly teamName: string;
    }
  | { readonly ok: false; readonly reason: "token" }
  | { readonly ok: false; readonly reason: "name_not_allowed"; readonly pattern: string }
  | { readonly ok: false; readonly reason: "name_taken"; readonly freeName: string };

export interface TeamRpc {
  create(team: TeamCreation): void;
  createJoinToken(options: JoinTokenOptions): Promise<CreatedToken | null>;
  createAccessToken(options: AccessTokenOptions): Promise<CreatedToken | null>;
  authorize(tokenHash: string, nowMs: number): Credential | null;
  /** False if the team is full. Who is a member already gets the role. */
  addMember(member: NewMember): boolean;
  /** Null for an account that is not of the team, too. */
  member(accountId: string): Member | null;
  relays(): RelayRef[];
  /** The relay object's id. */
  relay(name: string): string | null;
  enroll(enrollment: Enrollment): Promise<EnrollmentResult>;
}
