/** What the Worker and team objects may ask of a shard. */
import type { Entry } from "./entry-store.ts";

export interface RateRequest {
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
}

export interface ShardRpc {
  get(key: string): string | null;
  put(key: string, entry: Entry): Promise<void>;
  delete(key: string): void;
  /** Beyond the maximum, the oldest client that nobody consented to is dropped. */
  register(key: string, entry: Entry): Promise<void>;
  /** Counts one; false: the limit was reached within the window. */
  take(rate: RateRequest): Promise<boolean>;
}
