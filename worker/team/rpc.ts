/** What the Worker may ask of a team object. Null, or "missing", means: there is no such team or row. */
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { CacheCounts } from "#shared/metrics/cache-counts.ts";
import type { Scope } from "#shared/scope.ts";
import type { ActionEntry, ToolEntry, WriteEntry } from "../access/audit-entry.ts";
import type { OnClone, RelayPolicy } from "../access/relay-policy.ts";
import type { Effect, Holder, RightsSnapshot } from "../access/rights.ts";
import type { Role } from "../access/role.ts";
import type { AuditReads, SettingsChange, TeamSettings } from "../access/team-settings.ts";
import type { WritePolicy } from "../access/write-policy.ts";
import type { TeamExternalRpc } from "../external/team-rpc.ts";
import type { TeamOAuthRpc } from "../oauth/grants/team-rpc.ts";
import type { RelayStatus } from "../relay/status.ts";
import type { TeamEventsRpc } from "./events/events-rpc.ts";
import type { TeamMetricsRpc } from "./metrics/metrics-rpc.ts";
import type { ActivityLine, ActivityPage, ActivityQuery } from "./log/activity.ts";
import type { ChainPart } from "./log/audit-chain.ts";

export interface TeamCreation {
  readonly name: string;
  readonly installation: string;
  readonly createdAtMs: number;
}

export interface CreatedToken {
  readonly id: string;
  /** Shown once: only its hash is kept. */
  readonly token: string;
  readonly expiresAtMs: number;
}

export type Creation =
  | ({ readonly ok: true } & CreatedToken)
  | { readonly ok: false; readonly reason: "missing" | "limit" | "has_owner" };

export interface JoinTokenOptions {
  /** A glob over relay names. */
  readonly namePattern: string;
  /** A member, or `operator`. */
  readonly createdBy: string;
  readonly lifetimeMs: number;
  readonly nowMs: number;
}

export interface JoinTokenView {
  readonly id: string;
  readonly namePattern: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly usedAtMs: number | null;
  /** The relay that it let in. */
  readonly relay: string | null;
}

export interface AccessTokenOptions {
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly lifetimeMs: number;
  readonly nowMs: number;
  /** Whose it is; null for a service, which is its own principal. */
  readonly memberId: string | null;
}

export interface AccessTokenView {
  readonly id: string;
  readonly label: string;
  readonly scopes: readonly Scope[];
  readonly memberId: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  /** Days since 1970. */
  readonly lastUsedDay: number | null;
  /** Where it was used from, oldest first. */
  readonly networks: readonly { readonly network: string; readonly firstUsedAtMs: number }[];
}

export interface Use {
  readonly nowMs: number;
  /** Part of the caller's address: a token that turns up in another network is noted. */
  readonly network: string;
}

export interface Credential {
  /** Of the token. */
  readonly id: string;
  /** The member's id, or the token's own. */
  readonly principal: string;
  /** What the token has and its person's role allows still. */
  readonly scopes: Scope[];
  readonly expiresAtMs: number;
  /** Of everybody's rights, at this moment. */
  readonly rightsVersion: number;
  readonly auditReads: AuditReads;
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
  /** Of everybody's rights, at this moment. */
  readonly rightsVersion: number;
}

export interface MemberView {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly role: Role;
  readonly joinedAtMs: number;
}

export type MemberChange =
  | { readonly ok: true; readonly member: MemberView; readonly effect: Effect }
  /** A team without an owner could not be helped by anybody in it. */
  | { readonly ok: false; readonly reason: "missing" | "last_owner" };

export interface InvitationOptions {
  readonly role: Role;
  /** Null: whoever has the link. */
  readonly email: string | null;
  /** Member id, or "operator". */
  readonly createdBy: string;
  readonly lifetimeMs: number;
  readonly nowMs: number;
}

export interface InvitationView {
  readonly id: string;
  readonly role: Role;
  readonly email: string | null;
  readonly createdBy: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface OpenInvitation {
  readonly teamName: string;
  readonly role: Role;
  readonly email: string | null;
}

export interface AcceptedInvitation {
  readonly hash: string;
  readonly accountId: string;
  readonly email: string;
  readonly displayName: string;
  readonly nowMs: number;
}

export type Acceptance =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: "invitation" | "email" | "team_full" };

export interface RelayRef {
  readonly name: string;
  readonly objectId: string;
}

export interface RelayView extends RelayRef {
  readonly label: string;
  readonly status: RelayStatus;
  readonly enrolledAtMs: number;
  /** Null where no second device is suspected to have its key. */
  readonly clone: CloneSighting | null;
}

/** A relay's dials are not of one history. */
export interface CloneSighting {
  /** Since an owner last dismissed it. */
  readonly firstAtMs: number;
  /** To ten minutes. */
  readonly lastAtMs: number;
  /** Parts of the addresses that both dialed from. */
  readonly networks: readonly string[];
}

export interface CloneReport {
  readonly relay: string;
  /** Of this dial, and of the one before. */
  readonly networks: readonly string[];
  readonly nowMs: number;
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
  | { readonly ok: false; readonly reason: "token" | "team_full" }
  | { readonly ok: false; readonly reason: "name_not_allowed"; readonly pattern: string }
  | { readonly ok: false; readonly reason: "name_taken"; readonly freeName: string };

/** With what a write was asked for, and on whose behalf. */
export interface WriteAsker {
  readonly principal: string;
  /** Of a token or a grant; null for a JWT of the external issuer. */
  readonly credential: string | null;
  /** The member; null for a service. */
  readonly person: string | null;
  /** As they were then. */
  readonly scopes: readonly Scope[];
}

export type WritePolicyChange = "stored" | "changed_meanwhile" | "no_team";

/** What the team allows somebody to write. */
export interface WriteRights {
  readonly policy: WritePolicy;
  /** Another with each other policy. */
  readonly version: string;
  /** All that the asker may do now, whatever the asker could before. */
  readonly scopes: Scope[];
}

/** A write that is to stand in the team's log before it is sent. */
export interface WriteBegin {
  readonly intent: WriteEntry;
  readonly asker: WriteAsker;
  /** The version of the policy that it was decided by: under another one it is not begun. Absent: under any. */
  readonly under?: string | undefined;
}

export interface BegunWrite extends WriteRights {
  /** Its intent is in the log. */
  readonly isStored: boolean;
}

export interface PendingWrite {
  readonly callId: string;
  readonly relayId: string;
  readonly principal: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

export interface TeamRpc extends TeamOAuthRpc, TeamExternalRpc, TeamEventsRpc, TeamMetricsRpc {
  create(team: TeamCreation): void;
  /** False for an id under which no team was made. */
  exists(): boolean;
  teamName(): string | null;

  addMember(member: NewMember): boolean;
  /** Null for an account that is not of the team, too. */
  member(accountId: string): Member | null;
  members(): MemberView[];
  setRole(memberId: string, role: Role): Promise<MemberChange>;
  removeMember(memberId: string): Promise<MemberChange>;

  createInvitation(options: InvitationOptions): Promise<Creation>;
  /** For the first owner: only while there is none. It takes the place of an earlier one. */
  createOwnerInvitation(options: { lifetimeMs: number; nowMs: number }): Promise<Creation>;
  invitations(nowMs: number): InvitationView[];
  revokeInvitation(id: string): boolean;
  openInvitation(hash: string, nowMs: number): OpenInvitation | null;
  acceptInvitation(invitation: AcceptedInvitation): Acceptance;

  createJoinToken(options: JoinTokenOptions): Promise<Creation>;
  joinTokens(nowMs: number): JoinTokenView[];
  revokeJoinToken(id: string): boolean;

  createAccessToken(options: AccessTokenOptions): Promise<Creation>;
  /** Of one member, or of all and of the services. */
  accessTokens(memberId: string | null, nowMs: number): AccessTokenView[];
  /** Null: there is none, or it is not theirs. */
  revokeAccessToken(id: string, memberId: string | null): Promise<Effect | null>;
  /** What the token with this hash allows; null if it opens nothing. */
  authorize(tokenHash: string, use: Use): Credential | null;

  relays(): RelayRef[];
  /** The same for somebody who was admitted earlier; null: what they may has changed since. */
  relaysFor(holder: Holder): RelayRef[] | null;
  /** The relay object's id. */
  relay(name: string): string | null;
  relayViews(): RelayView[];
  labelRelay(name: string, label: string): boolean;
  /** Revoked is for good: the relay is forgotten and its name is free. Null: there is none. */
  setRelayStatus(name: string, status: RelayStatus): Promise<Effect | null>;
  /** A relay object's leave to decide by itself for LEASE_MS; null: the team has no such relay. */
  lease(relayId: string): RightsSnapshot | null;
  /** After a rotation: the key with which the device may enroll under this name again. */
  setRelayKey(name: string, x: string): void;
  enroll(enrollment: Enrollment): Promise<EnrollmentResult>;
  /** From the relay's object: what to do with the dial. With suspend the team has noted it so. */
  noteCloneSuspected(report: CloneReport): OnClone;
  /** It was none: the device came back from a backup. */
  dismissClone(name: string): boolean;
  relayPolicy(): RelayPolicy | null;
  /** False if there is no such team. */
  setRelayPolicy(policy: RelayPolicy): boolean;
  writePolicy(): WritePolicy | null;
  /** Where versions are given, only over one of these. */
  setWritePolicy(policy: WritePolicy, over?: readonly string[]): WritePolicyChange;
  writeRights(asker: WriteAsker, nowMs: number): WriteRights | null;
  /** Stored before they are sent, all or none; the rights are those after it, in their order. */
  beginWrites(begins: WriteBegin[]): BegunWrite[] | null;
  /** Of tools, in their order, and what the isolate's caches had for them. Repeatable. */
  noteCalls(calls: ToolEntry[], caches?: CacheCounts): Promise<void>;
  /** Before a change, and after it. */
  noteAction(entry: ActionEntry): Promise<void>;
  activity(query: ActivityQuery, page: ActivityPage, nowMs: number): Promise<ActivityLine[]>;
  /** A part of the log's chain, from behind this number. */
  verifyActivity(after: number): ChainPart | null;
  settings(): TeamSettings | null;
  /** What is absent stays. */
  setSettings(change: SettingsChange): Promise<Effect | null>;
  /** Repeatable. */
  endWrites(outcomes: WriteEntry[]): void;
  /** False if too many wait. */
  reservePending(write: PendingWrite): boolean;
  releasePending(callId: string): void;
}
