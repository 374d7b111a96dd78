/**
 * Fetches the description a client id points at. Not followed: redirects, to wherever they lead. What
 * was checked is what is used: there is one fetch, and this is it.
 */
import { isJsonObject } from "#shared/json.ts";
import { err, ok, type Result } from "#shared/result.ts";
import { readLimited } from "../http/read-limited.ts";
import { logEvent } from "../log.ts";
import { readClientDocument, type DescribedClient } from "./client-document.ts";
import { parseClientIdUrl } from "./client-id-url.ts";

const MAX_DOCUMENT_BYTES = 5 * 1024;
const TIMEOUT_MS = 5_000;

const DEFAULT_TTL_MS = 5 * 60_000;
const MAX_TTL_MS = 24 * 3_600_000;
const MAX_CACHED = 200;

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

  async resolve(clientId: string): Promise<DescribedClient | undefined> {
    const cached = this.#cache.get(clientId);
    if (cached !== undefined && cached.endMs > this.#now()) return cached.client;
    this.#cache.delete(clientId);
    const fetched = await this.#fetchDocument(clientId);
    if (fetched.ok) return fetched.value;
    logEvent("info", "client_document_refused", { reason: fetched.error });
    return undefined;
  }

  async #fetchDocument(clientId: string): Promise<Result<DescribedClient, string>> {
    const url = parseClientIdUrl(clientId);
    if (url === undefined) return err("not a public https address");
    const response = await this.#ask(url);
    if (!response.ok) return response;
    const { status, headers, body } = response.value;
    if (status !== 200) return err(`status ${status}`);
    const client = readClientDocument(clientId, body);
    if (client.ok) this.#keep(clientId, client.value, ttlMsOf(headers));
    return client;
  }

  async #ask(
    url: URL,
  ): Promise<Result<{ status: number; headers: Headers; body: unknown }, string>> {
    try {
      const response = await this.#fetch(url.href, {
        headers: { accept: "application/json" },
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const { status, headers } = response;
      const text = await readLimited(response.body, MAX_DOCUMENT_BYTES);
      if (!text.ok) return err("too large");
      const body: unknown = status === 200 ? JSON.parse(text.value) : undefined;
      return isJsonObject(body) || status !== 200
        ? ok({ status, headers, body })
        : err("not a JSON object");
    } catch (error) {
      return err(String(error));
    }
  }

  #keep(clientId: string, client: DescribedClient, ttlMs: number): void {
    if (ttlMs === 0) return;
    const [oldest] = this.#cache.keys();
    if (this.#cache.size >= MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest);
    this.#cache.set(clientId, { client, endMs: this.#now() + ttlMs });
  }
}

/** RFC 9111 as far as a private cache of one page needs it. */
function ttlMsOf(headers: Headers): number {
  const control = headers.get("cache-control") ?? "";
  if (/\bno-(store|cache)\b/i.test(control)) return 0;
  const [, seconds] = /\bmax-age\s*=\s*"?(\d{1,9})/i.exec(control) ?? [];
  return seconds === undefined ? DEFAULT_TTL_MS : Math.min(Number(seconds) * 1_000, MAX_TTL_MS);
}
