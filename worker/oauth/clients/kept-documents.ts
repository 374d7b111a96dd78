/**
 * The last description of a client that has a grant, for times when it can't be fetched: a web server that is down
 * for an hour is no reason to sign people out. One that answers with a refusal is.
 */
import { ok, type Result } from "#shared/result.ts";
import type { DescribedClient } from "./client-document.ts";
import type { ClientDocuments, DocumentFailure } from "./client-documents.ts";
import type { EntryStore } from "../storage/entry-store.ts";

/** Counted from the last good answer. */
const KEPT_MS = 7 * 86_400_000;

export type Documents = Pick<ClientDocuments, "resolve">;

export class KeptDocuments implements Documents {
  readonly #documents: Documents;
  readonly #entries: EntryStore;
  readonly #now: () => number;

  constructor(documents: Documents, entries: EntryStore, now: () => number) {
    this.#documents = documents;
    this.#entries = entries;
    this.#now = now;
  }

  async resolve(clientId: string): Promise<Result<DescribedClient, DocumentFailure>> {
    const resolved = await this.#documents.resolve(clientId);
    const key = `document:${clientId}`;
    if (resolved.ok) {
      const expiresAtMs = this.#now() + KEPT_MS;
      this.#entries.put(key, {
        value: JSON.stringify(resolved.value),
        metadata: null,
        expiresAtMs,
      });
      return resolved;
    }
    if (resolved.error.kind === "refused") this.#entries.delete(key);
    const kept = this.#entries.get(key);
    if (kept === null) return resolved;
    const client: DescribedClient = JSON.parse(kept);
    return ok(client);
  }
}
