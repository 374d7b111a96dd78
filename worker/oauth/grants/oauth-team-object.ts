/** What a team object does for OAuth and for an external issuer; the rest is in worker/team. */
import { MAX_AUDIT_NAME_LENGTH } from "../../access/audit-entry.ts";
import type { Effect } from "../../access/rights.ts";
import { scopesOfRole } from "../../access/role.ts";
import { admitSubject, blockSubject, listSubjects } from "../../external/subjects.ts";
import type {
  AdmittedSubject,
  SubjectRow,
  SubjectUse,
  TeamExternalRpc,
} from "../../external/team-rpc.ts";
import { memberById, memberOfAccount, readMembers } from "../../team/people/members.ts";
import { MeasuredTeamObject } from "../../team/metrics/measured-team-object.ts";
import { TeamDesk } from "./team-desk.ts";
import type {
  Consent,
  ConsentResult,
  GrantsPage,
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

  /** The version is read before the lookup, so that a change meanwhile is noticed. */
  async authorizeOAuth(token: string): Promise<OAuthCredential | null> {
    if (!this.exists()) return null;
    const { rightsVersion, auditReads } = this;
    const valid = await this.#desk.grants.authorize(token);
    return valid === null ? null : { ...valid, rightsVersion, auditReads };
  }

  /** A token that its client revoked is no longer valid when the answer arrives. */
  async oauthToken(request: TokenRequest): Promise<TokenAnswer | null> {
    if (!this.exists()) return null;
    return this.#announcing(() => this.#desk.exchange(request));
  }

  async consent(consent: Consent): Promise<ConsentResult> {
    const { sql } = this.ctx.storage;
    const member = this.exists() ? memberOfAccount(sql, consent.account) : undefined;
    if (member === undefined) return { ok: false, reason: "not_a_member" };
    const target = consent.clientName.slice(0, MAX_AUDIT_NAME_LENGTH);
    return this.changingLater(
      { principal: member.id, action: "client.consent", target },
      () =>
        this.#announcing(async () => {
          const result = await this.#desk.consent(consent);
          if (result.ok) this.#endUnused(consent.account, member.id);
          return result;
        }),
      (result) => (result.ok ? "done" : result.reason),
    );
  }

  grant(id: string, memberId: string): GrantView | null {
    const [holder] = this.#holders(memberId);
    const grant = holder === undefined ? undefined : this.#desk.grants.find(holder.account, id);
    return grant === undefined ? null : { ...grant, memberId };
  }

  grants(memberId: string | null, { after, limit }: GrantsPage): GrantView[] {
    const found: GrantView[] = [];
    for (const { id, account } of this.#holders(memberId)) {
      if (found.length >= limit) break;
      if (after !== null && id < after.memberId) continue;
      const rest = { after: after?.memberId === id ? after.id : "", limit: limit - found.length };
      found.push(
        ...this.#desk.grants.list(account, rest).map((grant) => ({ ...grant, memberId: id })),
      );
    }
    return found;
  }

  async revokeGrant(id: string, memberId: string | null): Promise<Effect | null> {
    const isFound = this.#holders(memberId).some(({ account }) =>
      this.#desk.grants.revoke(account, id),
    );
    return isFound ? this.announceRights() : null;
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
    return this.#desk.grants.has(account, id);
  }

  /** For somebody who leaves; synchronous, so that it can be part of a transaction. */
  protected forgetGrants(account: string): void {
    this.#desk.grants.forget(account);
  }

  #endUnused(account: string, principal: string): void {
    this.changing(
      () => this.#desk.grants.endUnused(account),
      (names) =>
        names.map((name) => {
          const target = name.slice(0, MAX_AUDIT_NAME_LENGTH);
          return { principal, action: "client.disconnect_unused", target };
        }),
    );
  }

  /** For a change that may end a grant: it has ended everywhere when the answer arrives. */
  async #announcing<T>(change: () => Promise<T>): Promise<T> {
    const before = this.rightsVersion;
    const changed = await change();
    if (this.rightsVersion !== before) await this.announceRights();
    return changed;
  }

  /** One member, or all for null, in the order of their ids. */
  #holders(memberId: string | null): { readonly id: string; readonly account: string }[] {
    const { sql } = this.ctx.storage;
    if (!this.exists()) return [];
    if (memberId === null) return readMembers(sql).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    return [memberById(sql, memberId) ?? []].flat();
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
