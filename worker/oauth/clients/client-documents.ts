/**
 * Fetches the description that a client id points at. Redirects are not followed, wherever they lead. Each
 * document is fetched once, so what was checked is what is used.
 */
import { err, ok, type Result } from "#shared/result.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { readLimited } from "../../http/body/read-limited.ts";
import { logEvent } from "../../log.ts";
import { readClientDocument, type DescribedClient } from "./client-document.ts";
import { parseClientIdUrl } from "./client-id-url.ts";

const MAX_DOCUMENT_BYTES = 5 * 1024;
const TIMEOUT_MS = 5_000;

const DEFAULT_TTL_MS = 5 * 60_000;
const MAX_TTL_MS = 24 * 3_600_000;
const MAX_CACHED = 200;

/** Statuses that say nothing about the document, only that it is not available now. */
const NOT_NOW = new Set([408, 429]);

/** `unreachable`: its current content is unknown. */
export interface DocumentFailure {
  readonly kind: "refused" | "unreachable";
  readonly reason: string;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

interface Cached {
  readonly client: DescribedClient;
  readonly endMs: number;
}

export class ClientDocuments {
  readonly #fetch: Fetch;
  readonly #now: () => number;
  readonly #cache = new Map<string, Cached>();

  constructor(fetch: Fetch, now: () => number) {
    this.#fetch = fetch;
    this.#now = now;
  }

  async resolve(clientId: string): Promise<Result<DescribedClient, DocumentFailure>> {
    const cached = this.#cache.get(clientId);
    if (cached !== undefined && cached.endMs > this.#now()) return ok(cached.client);
    this.#cache.delete(clientId);
    const fetched = await this.#fetchDocument(clientId);
    if (!fetched.ok) logEvent("info", "client_document_refused", { ...fetched.error });
    return fetched;
  }

  async #fetchDocument(clientId: string): Promise<Result<DescribedClient, DocumentFailure>> {
    const url = parseClientIdUrl(clientId);
    if (url === undefined) return refused("not a public https address");
    const response = await this.#ask(url);
    if (!response.ok) return response;
    const { headers, text } = response.value;
    const client = readClientDocument(clientId, parseOrUndefined(text));
    if (!client.ok) return refused(client.error);
    this.#keep(clientId, client.value, ttlMsOf(headers));
    return client;
  }

  async #ask(url: URL): Promise<Result<{ headers: Headers; text: string }, DocumentFailure>> {
    try {
      const response = await this.#fetch(url.href, {
        headers: { accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { status, headers } = response;
      const text = await readLimited(response.body, MAX_DOCUMENT_BYTES);
      if (status >= 500 || NOT_NOW.has(status)) return unreachable(`status ${status}`);
      if (status !== 200) return refused(`status ${status}`);
      return text.ok ? ok({ headers, text: text.value }) : refused("too large");
    } catch (error) {
      return unreachable(String(error));
    }
  }

  #keep(clientId: string, client: DescribedClient, ttlMs: number): void {
    if (ttlMs === 0) return;
    const [oldest] = this.#cache.keys();
    if (this.#cache.size >= MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    this.#cache.set(clientId, { client, endMs: this.#now() + ttlMs });
  }
}

function refused(reason: string): Result<never, DocumentFailure> {
  return err({ kind: "refused", reason });
}

function unreachable(reason: string): Result<never, DocumentFailure> {
  return err({ kind: "unreachable", reason });
}

/** RFC 9111, as far as a private cache of one document needs it. */
function ttlMsOf(headers: Headers): number {
  const control = headers.get("cache-control") ?? "";
  if (/\bno-(store|cache)\b/i.test(control)) return 0;
  const [, seconds] = /\bmax-age\s*=\s*"?(\d{1,9})/i.exec(control) ?? [];
  return seconds === undefined ? DEFAULT_TTL_MS : Math.min(Number(seconds) * 1_000, MAX_TTL_MS);
}
