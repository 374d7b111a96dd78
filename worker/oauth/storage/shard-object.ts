/**
 * OAuth data that belongs to no team: registered clients, and authorizations in progress. There are sixteen shards
 * under fixed names, so that no text from a request ever names an object.
 */
import { DurableObject } from "cloudflare:workers";
import type { Env } from "../../env.ts";
import { isCreated, migrate, migrateExisting } from "../../storage/migrate.ts";
import { EntryStore, type Entry } from "./entry-store.ts";
import { planPurge, purge } from "./purging.ts";
import { SHARD_MIGRATIONS } from "./schema.ts";
import type { RateRequest, ShardRpc } from "./shard-rpc.ts";
import { SHARD_COUNT } from "./shards.ts";

/**
 * In all shards together: anybody may register, so clients that nobody consented to must neither fill the disk nor
 * lock others out.
 */
const MAX_NEW_CLIENTS = 1_000;
const MAX_NEW_CLIENTS_HERE = Math.floor(MAX_NEW_CLIENTS / SHARD_COUNT);
/** As metadata. The library stores a client without it when the client gets its first token. */
const NOBODY_CONSENTED = '"new"';

export class OAuthShardObject extends DurableObject<Env> implements ShardRpc {
  readonly #entries: EntryStore;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrateExisting(ctx.storage, SHARD_MIGRATIONS);
    this.#entries = new EntryStore(ctx.storage.sql, Date.now);
  }

  get(key: string): string | null {
    return isCreated(this.ctx.storage.sql) ? this.#entries.get(key) : null;
  }

  async put(key: string, entry: Entry): Promise<void> {
    migrate(this.ctx.storage, SHARD_MIGRATIONS);
    this.#entries.put(key, entry);
    await planPurge(this.ctx.storage, Date.now());
  }

  delete(key: string): void {
    if (isCreated(this.ctx.storage.sql)) this.#entries.delete(key);
  }

  async register(key: string, entry: Entry): Promise<void> {
    await this.put(key, { ...entry, metadata: NOBODY_CONSENTED });
    this.#entries.keepLatest(MAX_NEW_CLIENTS_HERE, "client:", NOBODY_CONSENTED);
  }

  async take({ key, limit, windowMs }: RateRequest): Promise<boolean> {
    const count = Number(this.get(key) ?? 0);
    if (count >= limit) return false;
    // Windows are aligned to the clock, so that a request does not prolong its own.
    const windowEndMs = (Math.floor(Date.now() / windowMs) + 1) * windowMs;
    const value = String(count + 1);
    await this.put(key, { value, metadata: null, expiresAtMs: windowEndMs });
    return true;
  }

  override async alarm(): Promise<void> {
    await purge(this.#entries, this.ctx.storage, Date.now());
  }
}
