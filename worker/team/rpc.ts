/** What the Worker may ask of a team object. Null, or "missing", means that there is no such team or row. */
import type { PublicKey } from "#shared/link/dial-token.ts";
import type { CacheCounts } from "#shared/metrics/cache-counts.ts";
import type { Scope } from "#shared/access/scope.ts";
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
  | { readonly ok: false; readonly reason: "missing" | "limit" | "made_before" | "has_owner" };

export interface NewItem {
  /** Chosen by who asks, so that asking again makes no second one; otherwise at random. */
  readonly id?: string | undefined;
  readonly lifetimeMs: number;
  readonly nowMs: number;
}

export interface JoinTokenOptions extends NewItem {
  /** A glob over relay names. */
  readonly namePattern: string;
  /** The principal: a member, a service's token, or `operator`. */
  readonly createdBy: string;
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

export interface AccessTokenOptions extends NewItem {
  readonly label: string;
  readonly scopes: readonly Scope[];
  /** The owner's member id; null for a service, which is its own principal. */
  readonly memberId: string | null;
  /** As in `JoinTokenOptions`. */
  readonly createdBy: string;
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
  /** Networks that it was used from, oldest first. */
  readonly networks: readonly { readonly network: string; readonly firstUsedAtMs: number }[];
}

export interface Use {
  readonly nowMs: number;
  /** Part of the caller's address: a token that turns up in another network is noted. */
  readonly network: string;
}

export interface Credential {
  /** The token's id. */
  readonly id: string;
  /** The member's id, or the token's own. */
  readonly principal: string;
  /** The token's scopes that its person's role still allows. */
  readonly scopes: Scope[];
  readonly expiresAtMs: number;
  /** The version of everybody's rights at this moment. */
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
  /** The version of everybody's rights at this moment. */
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
  /** Nobody inside a team without an owner could help it. */
  | { readonly ok: false; readonly reason: "missing" | "last_owner" };

export interface InvitationOptions extends NewItem {
  readonly role: Role;
  /** Null: for anybody who has the link. */
  readonly email: string | null;
  /** As in `JoinTokenOptions`. */
  readonly createdBy: string;
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
  /** Null unless a second device is suspected to use its key. */
  readonly clone: CloneSighting | null;
}

/** A relay's dials have more than one history. */
export interface CloneSighting {
  /** Since an owner last dismissed it. */
  readonly firstAtMs: number;
  /** Accurate to ten minutes. */
  readonly lastAtMs: number;
  /** Parts of the addresses that both dialed from. */
  readonly networks: readonly string[];
}

export interface CloneReport {
  readonly relay: string;
  /** Of this dial, and of the previous one. */
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

/** The credential that a write was asked for with, and on whose behalf. */
export interface WriteAsker {
  readonly principal: string;
  /** Id of the token or grant; null for a JWT of the external issuer. */
  readonly credential: string | null;
  /** The member's id; null for a service. */
  readonly person: string | null;
  /** The scopes at that time. */
  readonly scopes: readonly Scope[];
  /** The member who approved the write; null if nobody has to, or has yet. */
  readonly approver: string | null;
}

export type WritePolicyChange = "stored" | "changed_meanwhile" | "no_team";

/** What the team allows a principal to write. */
export interface WriteRights {
  readonly policy: WritePolicy;
  /** Differs between any two policies. */
  readonly version: string;
  /** Everything the asker may do now, whatever it could do before. */
  readonly scopes: Scope[];
}

/** A write that must be in the team's log before it is sent. */
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
  /** False for an id under which no team was created. */
  exists(): boolean;
  teamName(): string | null;
  /** For good: nobody finds it any more, and all that it stored is erased soon. */
  end(): Promise<Effect | null>;

  addMember(member: NewMember): boolean;
  /** Null also for an account that is not in the team. */
  member(accountId: string): Member | null;
  members(): MemberView[];
  setRole(memberId: string, role: Role): Promise<MemberChange>;
  removeMember(memberId: string): Promise<MemberChange>;

  createInvitation(options: InvitationOptions): Creation;
  /** For the first owner: only while there is none. Replaces an earlier one. */
  createOwnerInvitation(options: { lifetimeMs: number; nowMs: number }): Creation;
  invitations(nowMs: number): InvitationView[];
  revokeInvitation(id: string): boolean;
  openInvitation(hash: string, nowMs: number): OpenInvitation | null;
  acceptInvitation(invitation: AcceptedInvitation): Acceptance;

  createJoinToken(options: JoinTokenOptions): Creation;
  joinTokens(nowMs: number): JoinTokenView[];
  revokeJoinToken(id: string): boolean;

  createAccessToken(options: AccessTokenOptions): Creation;
  /** One member's, or everybody's and the services' for null. */
  accessTokens(memberId: string | null, nowMs: number): AccessTokenView[];
  /** Null: it does not exist, or is not theirs. */
  revokeAccessToken(id: string, memberId: string | null): Promise<Effect | null>;
  /** What the token with this hash allows; null if it is not valid. */
  authorize(tokenHash: string, use: Use): Credential | null;

  relays(): RelayRef[];
  /** The same for a principal that was admitted earlier; null: its rights have changed since. */
  relaysFor(holder: Holder): RelayRef[] | null;
  /** The relay object's id. */
  relay(name: string): string | null;
  relayViews(): RelayView[];
  labelRelay(name: string, label: string): boolean;
  /** Revoked is final: the relay is deleted and its name is free. Null: there is none. */
  setRelayStatus(name: string, status: RelayStatus): Promise<Effect | null>;
  /** Permits a relay object to decide on its own for LEASE_MS; null: the team has no such relay. */
  lease(relayId: string): RightsSnapshot | null;
  /** After a rotation: the key that the device may enroll with under this name again. */
  setRelayKey(name: string, x: string): void;
  enroll(enrollment: Enrollment): Promise<EnrollmentResult>;
  /**
   * From the relay's object: returns what to do with the dial. If that is to suspend, the team has recorded it.
   */
  noteCloneSuspected(report: CloneReport): OnClone;
  /** There was no clone: the device was restored from a backup. */
  dismissClone(name: string): boolean;
  relayPolicy(): RelayPolicy | null;
  /** False if there is no such team. */
  setRelayPolicy(policy: RelayPolicy): boolean;
  writePolicy(): WritePolicy | null;
  /** If versions are given, replaces only one of these. */
  setWritePolicy(policy: WritePolicy, over?: readonly string[]): WritePolicyChange;
  writeRights(asker: WriteAsker, nowMs: number): WriteRights | null;
  /** Stored before they are sent, all or none. Returns the rights after each, in order. */
  beginWrites(begins: WriteBegin[]): BegunWrite[] | null;
  /** Tool calls in their order, and the isolate's cache counts for the team. Repeatable. */
  noteCalls(calls: ToolEntry[], caches?: CacheCounts): Promise<void>;
  /** Before a change, and after it. */
  noteAction(entry: ActionEntry): Promise<void>;
  activity(query: ActivityQuery, page: ActivityPage, nowMs: number): Promise<ActivityLine[]>;
  /** A part of the log's chain, starting after this number. */
  verifyActivity(after: number): ChainPart | null;
  settings(): TeamSettings | null;
  /** Absent fields stay as they are. */
  setSettings(change: SettingsChange): Promise<Effect | null>;
  /** Repeatable. */
  endWrites(outcomes: WriteEntry[]): void;
  /** False if too many writes wait. */
  reservePending(write: PendingWrite): boolean;
  releasePending(callId: string): void;
}
