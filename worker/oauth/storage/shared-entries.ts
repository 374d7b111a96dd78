/** OAuth data that belongs to no team, as the library sees it: registered clients, authorizations in progress. */
import type { Env } from "../../env.ts";
import { ClientDocuments } from "../clients/client-documents.ts";
import { looksLikeUrl } from "../clients/client-id-url.ts";
import type { Entry } from "./entry-store.ts";
import type { Entries } from "./kv.ts";
import type { Documents } from "../clients/kept-documents.ts";
import { shardOf } from "./shards.ts";

export type SharedEnv = Pick<Env, "OAUTH_SHARD" | "CLIENT_METADATA_DOCUMENTS">;

const CLIENT = "client:";

/** This isolate's: a document itself says how long it may be kept. */
export const CLIENT_DOCUMENTS = new ClientDocuments((url, init) => fetch(url, init), Date.now);

export function allowsClientDocuments({ CLIENT_METADATA_DOCUMENTS }: SharedEnv): boolean {
  return CLIENT_METADATA_DOCUMENTS === "1";
}

export class SharedEntries implements Entries {
  readonly #env: SharedEnv;
  readonly #documents: Documents;

  constructor(env: SharedEnv, documents: Documents = CLIENT_DOCUMENTS) {
    this.#env = env;
    this.#documents = documents;
  }

  async get(key: string): Promise<string | null> {
    const clientId = key.startsWith(CLIENT) ? key.slice(CLIENT.length) : "";
    if (!looksLikeUrl(clientId)) return (await shardOf(this.#env, key)).get(key);
    if (!allowsClientDocuments(this.#env)) return null;
    const client = await this.#documents.resolve(clientId);
    return client.ok ? JSON.stringify(client.value) : null;
  }

  async put(key: string, entry: Entry): Promise<void> {
    await (await shardOf(this.#env, key)).put(key, entry);
  }

  async delete(key: string): Promise<void> {
    await (await shardOf(this.#env, key)).delete(key);
  }

  /** The library lists grants and tokens, which the teams have. */
  list(): [] {
    return [];
  }
}
