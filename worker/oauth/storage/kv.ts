/**
 * The part of a KV namespace that the OAuth library uses. KV itself is not used: self-hosted there is none, and
 * elsewhere it shows a revocation only after a while.
 */
import type { Entry, ListedKey } from "./entry-store.ts";

export interface OAuthKv {
  get(key: string, options?: { readonly type: "json" }): Promise<unknown>;
  put(key: string, value: string, options?: PutOptions): Promise<void>;
  delete(key: string): Promise<void>;
  list(options: ListOptions): Promise<ListResult>;
}

export interface PutOptions {
  readonly expirationTtl?: number;
  /** Unix seconds. */
  readonly expiration?: number;
  readonly metadata?: unknown;
}

export interface ListOptions {
  readonly prefix: string;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface ListResult {
  readonly keys: { readonly name: string; readonly metadata?: unknown }[];
  readonly list_complete: boolean;
  readonly cursor?: string;
}

/** What the library calls its environment. */
export interface OAuthEnv {
  readonly OAUTH_KV: OAuthKv;
}

/** Where entries are: in this object's table, or a round trip away. */
export interface Entries {
  get(key: string): string | null | Promise<string | null>;
  put(key: string, entry: Entry): void | Promise<void>;
  delete(key: string): void | Promise<void>;
  list(prefix: string, limit: number, after: string): ListedKey[] | Promise<ListedKey[]>;
}

const MAX_LIST_LIMIT = 1_000;

export function toKv(entries: Entries, now: () => number): OAuthKv {
  return {
    get: async (key, options) => {
      const value = await entries.get(key);
      return value === null || options?.type !== "json" ? value : JSON.parse(value);
    },
    put: async (key, value, options = {}) => {
      const { metadata } = options;
      await entries.put(key, {
        value,
        metadata: metadata === undefined ? null : JSON.stringify(metadata),
        expiresAtMs: endMs(options, now()),
      });
    },
    delete: async (key) => {
      await entries.delete(key);
    },
    list: async ({ prefix, limit = MAX_LIST_LIMIT, cursor = "" }) => {
      const keys = await entries.list(prefix, limit, cursor);
      const last = keys.at(-1);
      const page = keys.map(({ key, metadata }) => ({
        name: key,
        ...(metadata === null ? {} : { metadata: JSON.parse(metadata) }),
      }));
      if (keys.length < limit || last === undefined) return { keys: page, list_complete: true };
      return { keys: page, list_complete: false, cursor: last.key };
    },
  };
}

function endMs({ expirationTtl, expiration }: PutOptions, nowMs: number): number | null {
  if (expirationTtl !== undefined) return nowMs + expirationTtl * 1_000;
  return expiration === undefined ? null : expiration * 1_000;
}
