/** What a team object does for OAuth and for an external issuer; the rest of it stands in worker/team. */
import { DurableObject } from "cloudflare:workers";
import { scopesOfRole } from "../access/role.ts";
import type { Env } from "../env.ts";
import { admitSubject, blockSubject, listSubjects } from "../external/subjects.ts";
import type { SubjectRow, SubjectUse, TeamExternalRpc } from "../external/team-rpc.ts";
import { isCreated } from "../storage/migrate.ts";
import { memberById, memberOfAccount } from "../team/members.ts";
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
  extends DurableObject<Env>
  implements TeamOAuthRpc, TeamExternalRpc
{
  #made: TeamDesk | undefined;

  authorizeOAuth(token: string): Promise<OAuthCredential | null> {
    return this.#desk.authorize(token);
  }

  oauthToken(request: TokenRequest): Promise<TokenAnswer | null> {
    return this.#desk.exchange(request);
  }

  consent(consent: Consent): Promise<ConsentResult> {
    return this.#desk.consent(consent);
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

  revokeGrant(id: string, memberId: string | null): boolean {
    const account = this.#accountOf(memberId);
    return account !== null && this.#desk.revoke(id, account);
  }

  admitSubject(use: SubjectUse): boolean {
    const { sql } = this.ctx.storage;
    return isCreated(sql) && admitSubject(sql, use);
  }

  externalSubjects(): SubjectRow[] {
    const { sql } = this.ctx.storage;
    return isCreated(sql) ? listSubjects(sql) : [];
  }

  blockSubject(id: string, blockedAtMs: number | null): boolean {
    const { sql } = this.ctx.storage;
    return isCreated(sql) && blockSubject(sql, id, blockedAtMs);
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
    return isCreated(sql) ? (memberById(sql, memberId)?.account ?? null) : null;
  }

  /** Made on first use: most calls of a team come with personal tokens. */
  get #desk(): TeamDesk {
    this.#made ??= new TeamDesk(this.ctx, this.env, (account) => {
      const member = memberOfAccount(this.ctx.storage.sql, account);
      return member === undefined
        ? undefined
        : { id: member.id, scopes: scopesOfRole(member.role) };
    });
    return this.#made;
  }
}
