/** OAuth's part of a team object, assembled from what the object has. */
import { isCreated } from "../../storage/migrate.ts";
import type { Env } from "../../env.ts";
import { originsOf } from "../../origins.ts";
import { createAuthorizationServer } from "../library/authorization-server.ts";
import { EntryStore } from "../storage/entry-store.ts";
import { KeptDocuments } from "../clients/kept-documents.ts";
import { planPurge, purge } from "../storage/purging.ts";
import { CLIENT_DOCUMENTS, SharedEntries } from "../storage/shared-entries.ts";
import { TeamGrants, type TeamGrantsParts } from "./team-grants.ts";
import type { Consent, ConsentResult, TokenAnswer, TokenRequest } from "./team-rpc.ts";

export class TeamDesk {
  readonly #storage: DurableObjectStorage;
  readonly #entries: EntryStore;
  readonly grants: TeamGrants;

  constructor(
    state: DurableObjectState,
    env: Env,
    team: Pick<TeamGrantsParts, "memberOf" | "onEnded">,
  ) {
    const { main } = originsOf(env);
    this.#storage = state.storage;
    this.#entries = new EntryStore(state.storage.sql, Date.now);
    let server: ReturnType<typeof createAuthorizationServer> | undefined;
    this.grants = new TeamGrants({
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

  async exchange(request: TokenRequest): Promise<TokenAnswer> {
    const answer = await this.grants.exchange(request);
    await planPurge(this.#storage, Date.now());
    return answer;
  }

  async consent(consent: Consent): Promise<ConsentResult> {
    const result = await this.grants.consent(consent);
    await planPurge(this.#storage, Date.now());
    return result;
  }

  /** An alarm may still come when all is erased. */
  async purge(): Promise<void> {
    if (isCreated(this.#storage.sql)) await purge(this.#entries, this.#storage, Date.now());
  }
}
