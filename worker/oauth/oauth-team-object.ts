/** What a team object does for OAuth and for an external issuer; the rest of it stands in worker/team. */
import { MAX_AUDIT_NAME_LENGTH } from "../access/audit-entry.ts";
import type { Effect } from "../access/rights.ts";
import { scopesOfRole } from "../access/role.ts";
import { admitSubject, blockSubject, listSubjects } from "../external/subjects.ts";
import type {
  AdmittedSubject,
  SubjectRow,
  SubjectUse,
  TeamExternalRpc,
} from "../external/team-rpc.ts";
import { memberById, memberOfAccount } from "../team/members.ts";
import { MeasuredTeamObject } from "../team/measured-team-object.ts";
import { TeamDesk } from "./team-desk.ts";
import type {
  Consent,
  ConsentResult,
  GrantView,
  OAuthCredential,
  TeamOAuthRpc,
  TokenAnswer,
  TokenRequest,
} from "./team-rpc.ts";

export abstract class OAuthTeamObject
  extends MeasuredTeamObject
  implements TeamOAuthRpc, TeamExternalRpc
{
  #made: TeamDesk | undefined;

  /** The version is from before the look: what changes meanwhile shows. */
  async authorizeOAuth(token: string): Promise<OAuthCredential | null> {
    if (!this.exists()) return null;
    const { rightsVersion, auditReads } = this;
    const valid = await this.#desk.authorize(token);
    return valid === null ? null : { ...valid, rightsVersion, auditReads };
  }

  /** A token that its client gave back is worth nothing when the answer comes. */
  async oauthToken(request: TokenRequest): Promise<TokenAnswer | null> {
    if (!this.exists()) return null;
    const before = this.rightsVersion;
    const answer = await this.#desk.exchange(request);
    if (this.rightsVersion !== before) await this.announceRights();
    return answer;
  }

  async consent(consent: Consent): Promise<ConsentResult> {
    const { sql } = this.ctx.storage;
    const member = this.exists() ? memberOfAccount(sql, consent.account) : undefined;
    if (member === undefined) return { ok: false, reason: "not_a_member" };
    const target = consent.clientName.slice(0, MAX_AUDIT_NAME_LENGTH);
    return this.changingLater(
      { principal: member.id, action: "client.consent", target },
      () => this.#desk.consent(consent),
      (result) => (result.ok ? "done" : result.reason),
    );
  }

  grants(memberId: string | null): GrantView[] {
    const account = this.#accountOf(memberId);
    if (account === null) return [];
    const { sql } = this.ctx.storage;
    return this.#desk.list(account).flatMap(({ account, ...grant }) => {
      const member = memberOfAccount(sql, account);
      return member === undefined ? [] : [{ ...grant, memberId: member.id }];
    });
  }

  async revokeGrant(id: string, memberId: string | null): Promise<Effect | null> {
    const account = this.#accountOf(memberId);
    if (account === null || !this.#desk.revoke(id, account)) return null;
    return this.announceRights();
  }

  admitSubject(use: SubjectUse): AdmittedSubject | null {
    const isIn = this.exists() && admitSubject(this.ctx.storage.sql, use);
    return isIn ? { rightsVersion: this.rightsVersion, auditReads: this.auditReads } : null;
  }

  externalSubjects(): SubjectRow[] {
    const { sql } = this.ctx.storage;
    return this.exists() ? listSubjects(sql) : [];
  }

  async blockSubject(id: string, blockedAtMs: number | null): Promise<Effect | null> {
    if (!this.exists() || !blockSubject(this.ctx.storage.sql, id, blockedAtMs)) return null;
    this.noteRights([id]);
    return this.announceRights();
  }

  override async alarm(): Promise<void> {
    await this.#desk.purge();
  }

  protected hasGrant(account: string, id: string): boolean {
    return this.#desk.has(account, id);
  }

  /** Of somebody who leaves; synchronous, so that it can be part of a transaction. */
  protected forgetGrants(account: string): void {
    this.#desk.forget(account);
  }

  /** Undefined for all, null for nobody. */
  #accountOf(memberId: string | null): string | undefined | null {
    const { sql } = this.ctx.storage;
    if (memberId === null) return undefined;
    return this.exists() ? (memberById(sql, memberId)?.account ?? null) : null;
  }

  /** Made on first use: most calls of a team come with personal tokens. */
  get #desk(): TeamDesk {
    this.#made ??= new TeamDesk(this.ctx, this.env, {
      memberOf: (account) => {
        const member = memberOfAccount(this.ctx.storage.sql, account);
        return member === undefined
          ? undefined
          : { id: member.id, scopes: scopesOfRole(member.role) };
      },
      onEnded: (grant) => this.noteRights([grant]),
    });
    return this.#made;
  }
}
