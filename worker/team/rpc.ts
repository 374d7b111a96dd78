/** What the Worker may ask of a team object. Null means: there is no such team. */
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { Scope } from "#shared/scope.ts";
import type { AuditEntry } from "../access/audit-entry.ts";
import type { WritePolicy } from "../access/write-policy.ts";

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

/** What the team allows a principal to write. */
export interface WriteRights {
  readonly policy: WritePolicy;
  /** As they are now; null for a credential that the team object does not keep. */
  readonly scopes: Scope[] | null;
}

export interface PendingWrite {
  readonly callId: string;
  readonly relayId: string;
  readonly principal: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

export interface TeamRpc {
  create(team: TeamCreation): void;
  createJoinToken(options: JoinTokenOptions): Promise<CreatedToken | null>;
  createAccessToken(options: AccessTokenOptions): Promise<CreatedToken | null>;
  authorize(tokenHash: string, nowMs: number): Credential | null;
  relays(): RelayRef[];
  /** The relay object's id. */
  relay(name: string): string | null;
  enroll(enrollment: Enrollment): Promise<EnrollmentResult>;
  writePolicy(): WritePolicy | null;
  /** False if there is no such team. */
  setWritePolicy(policy: WritePolicy): boolean;
  writeRights(principal: string, nowMs: number): WriteRights | null;
  /** Stored before a write is sent; the rights are those after it. */
  beginWrite(intent: AuditEntry): Promise<WriteRights | null>;
  /** Repeatable. */
  endWrite(outcome: AuditEntry): Promise<void>;
  /** False if too many wait. */
  reservePending(write: PendingWrite): boolean;
  releasePending(callId: string): void;
}
