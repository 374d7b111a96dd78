/** OAuth's part of a team object, assembled from what the object has. */
import { isCreated } from "../../storage/migrate.ts";
import type { Env } from "../../env.ts";
import { originsOf } from "../../origins.ts";
import { createAuthorizationServer } from "../library/authorization-server.ts";
import { EntryStore } from "../storage/entry-store.ts";
import { KeptDocuments } from "../clients/kept-documents.ts";
import { planPurge, purge } from "../storage/purging.ts";
import { CLIENT_DOCUMENTS, SharedEntries } from "../storage/shared-entries.ts";
import { TeamGrants, type Grant, type TeamGrantsParts, type ValidGrant } from "./team-grants.ts";
import type { Consent, ConsentResult, TokenAnswer, TokenRequest } from "./team-rpc.ts";

export class TeamDesk {
  readonly #storage: DurableObjectStorage;
  readonly #entries: EntryStore;
  readonly #grants: TeamGrants;

  constructor(
    state: DurableObjectState,
    env: Env,
    team: Pick<TeamGrantsParts, "memberOf" | "onEnded">,
  ) {
    const { main } = originsOf(env);
    this.#storage = state.storage;
    this.#entries = new EntryStore(state.storage.sql, Date.now);
    let server: ReturnType<typeof createAuthorizationServer> | undefined;
    this.#grants = new TeamGrants({
      team: state.id.toString(),
      main,
      server: () => (server ??= createAuthorizationServer({ main })),
      entries: this.#entries,
      shared: new SharedEntries(env),
      sharedOfGrants: new SharedEntries(
        env,
        new KeptDocuments(CLIENT_DOCUMENTS, this.#entries, Date.now),
      ),
      ...team,
      now: Date.now,
    });
  }

  async authorize(token: string): Promise<ValidGrant | null> {
    return this.#exists ? this.#grants.authorize(token) : null;
  }

  async exchange(request: TokenRequest): Promise<TokenAnswer | null> {
    if (!this.#exists) return null;
    const answer = await this.#grants.exchange(request);
    await planPurge(this.#storage, Date.now());
    return answer;
  }

  async consent(consent: Consent): Promise<ConsentResult> {
    if (!this.#exists) return { ok: false, reason: "not_a_member" };
    const result = await this.#grants.consent(consent);
    await planPurge(this.#storage, Date.now());
    return result;
  }

  has(account: string, id: string): boolean {
    return this.#exists && this.#grants.has(account, id);
  }

  find(account: string, id: string): Grant | undefined {
    return this.#exists ? this.#grants.find(account, id) : undefined;
  }

  list(account: string, page: { after: string; limit: number }): Grant[] {
    return this.#exists ? this.#grants.list(account, page) : [];
  }

  revoke(account: string, id: string): boolean {
    return this.#exists && this.#grants.revoke(account, id);
  }

  endUnused(account: string): string[] {
    return this.#exists ? this.#grants.endUnused(account) : [];
  }

  forget(account: string): void {
    if (this.#exists) this.#grants.forget(account);
  }

  async purge(): Promise<void> {
    if (this.#exists) await purge(this.#entries, this.#storage, Date.now());
  }

  get #exists(): boolean {
    return isCreated(this.#storage.sql);
  }
}
