/**
 * One per team: its people, relays and tokens. Its id is unforgeable, hence so is membership. What it holds is in
 * the files beside this one, a table each.
 */
import type { ActionEntry, ToolEntry, WriteEntry } from "../access/audit-entry.ts";
import type { CacheCounts } from "#shared/metrics/cache-counts.ts";
import { allows, type Scope } from "#shared/access/scope.ts";
import { NOW, type Effect } from "../access/rights.ts";
import { scopesWithin } from "../access/role.ts";
import type { OnClone, RelayPolicy } from "../access/relay-policy.ts";
import type { SettingsChange, TeamSettings } from "../access/team-settings.ts";
import type { WritePolicy } from "../access/write-policy.ts";
import type { Env } from "../env.ts";
import { isAdmitted } from "../external/subjects.ts";
import { logEvent } from "../log.ts";
import type { RelayStatus } from "../relay/status.ts";
import { migrate, migrateExisting } from "../storage/migrate.ts";
import {
  authorize,
  deleteAccessToken,
  hasRoomForAccessToken,
  readAccessTokens,
  scopesOfToken,
  writeAccessToken,
} from "./people/access-tokens.ts";
import type { ActivityLine, ActivityPage, ActivityQuery } from "./log/activity.ts";
import { verifyPart, type ChainPart } from "./log/audit-chain.ts";
import { purgeLog } from "./log/audit-purging.ts";
import { readSettings, storeSettings } from "./log/stored-settings.ts";
import { useOf } from "./metrics/daily-use.ts";
import { keepFormerRelay } from "./relays/former-relays.ts";
import { dismissClone, noteClone, readOnClone, storeOnClone } from "./relays/clones.ts";
import {
  deleteJoinToken,
  hasRoomForJoinToken,
  readJoinTokens,
  toJoinTokenView,
  writeJoinToken,
} from "./relays/join-tokens.ts";
import { mayLetIn, mayMakeToken } from "./people/makers.ts";
import { memberById, memberMay } from "./people/members.ts";
import { EndingTeamObject } from "./ending-team-object.ts";
import { LIMIT, MISSING } from "./people/people-team-object.ts";
import { releasePending, reservePending } from "./pending-writes.ts";
import { newCalls } from "./log/new-calls.ts";
import { foldRefusals, isLastFolded } from "./log/refusal-fold.ts";
import { nameOfTarget } from "./log/target-name.ts";
import {
  admit,
  deleteRelay,
  findRelay,
  readRelays,
  toRelayView,
  writeLabel,
  writeRelayKey,
  writeRelayStatus,
} from "./relays/relays.ts";
import type {
  AccessTokenOptions,
  AccessTokenView,
  BegunWrite,
  CloneReport,
  Creation,
  Credential,
  Enrollment,
  EnrollmentResult,
  JoinTokenOptions,
  JoinTokenView,
  PendingWrite,
  RelayView,
  TeamCreation,
  TeamRpc,
  WriteAsker,
  WriteBegin,
  WritePolicyChange,
  WriteRights,
  Use,
} from "./rpc.ts";
import { ActivitySearch } from "./log/activity-search.ts";
import { TEAM_MIGRATIONS } from "./schema.ts";
import { readWritePolicy, storeWritePolicy, versionOf } from "./rights/stored-policy.ts";

export class TeamObject extends EndingTeamObject implements TeamRpc {
  readonly #search = new ActivitySearch({
    sql: this.#sql,
    nowMs: Date.now,
    pause: () => scheduler.wait(0),
  });

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, TEAM_MIGRATIONS);
  }

  create(team: TeamCreation): void {
    migrate(this.ctx.storage, TEAM_MIGRATIONS);
    this.#sql.exec(
      "INSERT OR IGNORE INTO team (one, name, installation, created_at) VALUES (1, ?, ?, ?)",
      team.name,
      team.installation,
      team.createdAtMs,
    );
  }

  teamName(): string | null {
    return this.exists() ? this.teamRow().name : null;
  }

  createJoinToken(options: JoinTokenOptions): Creation {
    if (!this.exists() || !mayLetIn(this.#sql, options)) return MISSING;
    if (!hasRoomForJoinToken(this.#sql, options.nowMs)) return LIMIT;
    return this.created("join", options, (secret) =>
      writeJoinToken(this.#sql, { ...options, ...secret }),
    );
  }

  joinTokens(nowMs: number): JoinTokenView[] {
    return this.exists() ? readJoinTokens(this.#sql, nowMs).map(toJoinTokenView) : [];
  }

  revokeJoinToken(id: string): boolean {
    return this.exists() && deleteJoinToken(this.#sql, id);
  }

  createAccessToken(options: AccessTokenOptions): Creation {
    const { memberId, nowMs } = options;
    if (!this.exists() || !mayMakeToken(this.#sql, options)) return MISSING;
    if (!hasRoomForAccessToken(this.#sql, memberId, nowMs)) return LIMIT;
    return this.created("pat", options, (secret) =>
      writeAccessToken(this.#sql, { ...options, ...secret }),
    );
  }

  accessTokens(memberId: string | null, nowMs: number): AccessTokenView[] {
    return this.exists() ? readAccessTokens(this.#sql, memberId, nowMs) : [];
  }

  async revokeAccessToken(id: string, memberId: string | null): Promise<Effect | null> {
    const token = { id, memberId, nowMs: Date.now() };
    const isDeleted =
      this.exists() && this.ctx.storage.transactionSync(() => deleteAccessToken(this.#sql, token));
    if (!isDeleted) return null;
    this.forgetLettingIn(id);
    this.noteRights([id]);
    return this.announceRights();
  }

  authorize(tokenHash: string, use: Use): Credential | null {
    const found = this.exists() ? authorize(this.#sql, tokenHash, use) : undefined;
    if (found === undefined) return null;
    const { isFromNewNetwork } = found;
    const { rightsVersion, auditReads } = this;
    const credential = { ...found.credential, rightsVersion, auditReads };
    if (isFromNewNetwork) {
      logEvent("warn", "token_from_new_network", { token: credential.id, network: use.network });
    }
    return credential;
  }

  writePolicy(): WritePolicy | null {
    return this.exists() ? readWritePolicy(this.#sql) : null;
  }

  setWritePolicy(policy: WritePolicy, over?: readonly string[]): WritePolicyChange {
    if (!this.exists()) return "no_team";
    const isOver = over === undefined || over.includes(versionOf(readWritePolicy(this.#sql)));
    if (!isOver) return "changed_meanwhile";
    storeWritePolicy(this.#sql, policy);
    return "stored";
  }

  writeRights(asker: WriteAsker, nowMs: number): WriteRights | null {
    if (!this.exists()) return null;
    const policy = readWritePolicy(this.#sql);
    return { policy, version: versionOf(policy), scopes: this.#scopesOf(asker, nowMs) };
  }

  beginWrites(begins: WriteBegin[]): BegunWrite[] | null {
    if (!this.exists()) return null;
    const policy = readWritePolicy(this.#sql);
    const version = versionOf(policy);
    const begun = begins.map(({ intent, asker, under }) => {
      const scopes = this.#scopesOf(asker, intent.at_ms);
      const isAsDecided = under === version && allows(scopes, "aimdb:write");
      return { policy, version, scopes, isStored: under === undefined || isAsDecided };
    });
    this.log.append(begins.flatMap(({ intent }, i) => (begun[i]?.isStored ? [intent] : [])));
    return begun;
  }

  endWrites(outcomes: WriteEntry[]): void {
    if (this.exists()) this.log.appendOnce(outcomes);
  }

  async noteCalls(calls: ToolEntry[], caches: CacheCounts = []): Promise<void> {
    if (!this.exists()) return;
    const nowMs = Date.now();
    const { storage } = this.ctx;
    const isCounting = storage.transactionSync(() => this.#noteNew(calls, caches, nowMs));
    await this.planLogAlarm(nowMs, isCounting);
  }

  /**
   * Lines and counts in one commit, so that a line shows whether they were counted. True if refusals are being
   * counted.
   */
  #noteNew(calls: ToolEntry[], caches: CacheCounts, nowMs: number): boolean {
    const isKnown = (entry: ToolEntry) => this.log.has(entry) || isLastFolded(this.#sql, entry);
    const { fresh, isAgain } = newCalls(calls, isKnown);
    const { kept, save } = foldRefusals(this.#sql, fresh, nowMs);
    this.log.append(kept);
    const isCounting = save();
    if (!isAgain) this.counts.noteCaches(caches);
    this.noteDailyUse(useOf(fresh), nowMs);
    this.counts.noteTools(fresh);
    return isCounting;
  }

  async noteAction(entry: ActionEntry): Promise<void> {
    if (!this.exists()) return;
    this.log.append([{ ...entry, ...nameOfTarget(this.#sql, entry) }]);
    await this.planLogAlarm(Date.now());
  }

  async activity(query: ActivityQuery, page: ActivityPage, nowMs: number): Promise<ActivityLine[]> {
    return this.exists() ? this.#search.find(query, page, nowMs) : [];
  }

  verifyActivity(after: number): ChainPart | null {
    return this.exists() ? verifyPart(this.#sql, after) : null;
  }

  settings(): TeamSettings | null {
    return this.exists() ? readSettings(this.#sql) : null;
  }

  async setSettings({ retention_days, audit_reads }: SettingsChange): Promise<Effect | null> {
    if (!this.exists()) return null;
    const before = readSettings(this.#sql);
    const after = {
      retention_days: retention_days ?? before.retention_days,
      audit_reads: audit_reads ?? before.audit_reads,
    };
    storeSettings(this.#sql, after);
    if (after.audit_reads === before.audit_reads) return NOW;
    // Anybody admitted before does not know of it.
    this.noteRightsOfAll();
    return this.announceRights();
  }

  reservePending(write: PendingWrite): boolean {
    return this.exists() && reservePending(this.#sql, write);
  }

  releasePending(callId: string): void {
    if (this.exists()) releasePending(this.#sql, callId);
  }

  /** Null for a name that nobody has and for another team's: names resolve within the team. */
  relay(name: string): string | null {
    const row = this.exists() ? findRelay(this.#sql, name) : undefined;
    return row === undefined || row.status === "revoked" ? null : row.object_id;
  }

  relayViews(): RelayView[] {
    return this.exists() ? readRelays(this.#sql).map(toRelayView) : [];
  }

  labelRelay(name: string, label: string): boolean {
    if (this.relay(name) === null) return false;
    writeLabel(this.#sql, name, label);
    this.events.noteChange(name, "renamed");
    return true;
  }

  /**
   * The row is changed first: if the relay object can't be reached, nobody finds a revoked relay any more, its
   * object learns of it when its lease ends, and asking again frees its name, or the alarm does.
   */
  async setRelayStatus(name: string, status: RelayStatus): Promise<Effect | null> {
    const row = this.exists() ? findRelay(this.#sql, name) : undefined;
    if (row === undefined || (row.status === "revoked" && status !== "revoked")) return null;
    const nowMs = Date.now();
    writeRelayStatus(this.#sql, name, status);
    if (status === "revoked") keepFormerRelay(this.#sql, row.object_id, nowMs);
    if (status !== row.status) this.events.noteChange(name, CHANGES[status]);
    this.noteRights([]);
    if (status === "revoked") await this.planErasure(nowMs);
    const effect = await this.announceRights(row.object_id);
    if (status === "revoked" && effect.type === "now") deleteRelay(this.#sql, row.object_id);
    return effect;
  }

  noteCloneSuspected(report: CloneReport): OnClone {
    if (!this.exists()) return "alert";
    const { relay, networks } = report;
    const isNews = this.changing(
      () => noteClone(this.#sql, report),
      (isNews) =>
        isNews
          ? { principal: "device", action: "relay.clone_suspected", target: relay }
          : undefined,
    );
    if (isNews) {
      logEvent("warn", "relay_clone_suspected", { relay, networks: networks.join(", ") });
    }
    const onClone = readOnClone(this.#sql);
    const isActive = findRelay(this.#sql, relay)?.status === "active";
    if (onClone === "suspend" && isActive) {
      this.changing(
        () => writeRelayStatus(this.#sql, relay, "suspended"),
        () => ({ principal: "device", action: "relay.suspend", target: relay }),
      );
      this.events.noteChange(relay, "suspended");
      this.noteRights([]);
    }
    return onClone;
  }

  dismissClone(name: string): boolean {
    if (this.relay(name) === null) return false;
    dismissClone(this.#sql, name);
    return true;
  }

  relayPolicy(): RelayPolicy | null {
    return this.exists() ? { on_clone: readOnClone(this.#sql) } : null;
  }

  setRelayPolicy(policy: RelayPolicy): boolean {
    if (!this.exists()) return false;
    storeOnClone(this.#sql, policy.on_clone);
    return true;
  }

  setRelayKey(name: string, x: string): void {
    if (!this.exists()) return;
    this.changing(
      () => writeRelayKey(this.#sql, name, x),
      () => ({ principal: "device", action: "relay.rotate", target: name }),
    );
  }

  /**
   * Uses up the join token and creates the relay. The row comes first: if creating the object fails, the same
   * token and key finish it.
   */
  async enroll(enrollment: Enrollment): Promise<EnrollmentResult> {
    if (!this.exists()) return { ok: false, reason: "token" };
    const { storage, id } = this.ctx;
    const { RELAY } = this.env;
    const admitted = this.changing(
      () => admit(storage.sql, enrollment, () => RELAY.newUniqueId().toString()),
      (made) =>
        made.ok ? { principal: "device", action: "relay.enroll", target: made.relay } : undefined,
    );
    if (!admitted.ok) return admitted;
    this.events.noteChange(admitted.relay, "enrolled");
    const { name: teamName, installation } = this.teamRow();
    await RELAY.get(RELAY.idFromString(admitted.relayId)).create({
      team: id.toString(),
      name: admitted.relay,
      publicKey: enrollment.publicKey,
      installation,
      createdAtMs: enrollment.nowMs,
    });
    return { ...admitted, installation, teamName };
  }

  override async alarm(): Promise<void> {
    await super.alarm();
    if (!this.exists()) return;
    await this.noteCalls([]);
    await purgeLog(this.log, this.ctx.storage, Date.now());
    await this.eraseRevoked(Date.now());
  }

  /** Empty if the token or grant has ended, or the person, or who approved, has left or was blocked. */
  #scopesOf(asker: WriteAsker, nowMs: number): Scope[] {
    const { principal, credential, person, scopes, approver } = asker;
    const sql = this.#sql;
    if (approver !== null && !memberMay(sql, approver, "aimdb:write")) return [];
    if (credential === null) return isAdmitted(sql, principal) ? [...scopes] : [];
    const ofToken = scopesOfToken(sql, credential, nowMs);
    if (ofToken !== undefined) return ofToken;
    const member = person === null ? undefined : memberById(sql, person);
    if (member === undefined || !this.hasGrant(member.account, credential)) return [];
    return scopesWithin(member.role, scopes);
  }

  get #sql(): SqlStorage {
    return this.ctx.storage.sql;
  }
}

const CHANGES = { active: "resumed", suspended: "suspended", revoked: "revoked" } as const;
