/** Fetches the issuer's keys: bounded, without redirects, and not again right after a failure. */
import { readLimited } from "../http/body/read-limited.ts";

const MAX_KEYS_BYTES = 64 * 1024;
const PAUSE_AFTER_FAILURE_MS = 10_000;

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface KeyRequest {
  readonly headers: Headers;
  readonly method: "GET";
  readonly signal: AbortSignal;
}

export function createKeyFetch(fetch: Fetch, now: () => number) {
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return async (url: string, { headers, method, signal }: KeyRequest): Promise<Response> => {
    if (now() - failedAtMs < PAUSE_AFTER_FAILURE_MS) throw new Error("The last fetch just failed");
    try {
      const response = await fetch(url, { headers, method, signal, redirect: "manual" });
      const text = await readLimited(response.body, MAX_KEYS_BYTES);
      if (response.status !== 200 || !text.ok) throw new Error(`No keys: ${response.status}`);
      return new Response(text.value);
    } catch (error) {
      failedAtMs = now();
      throw error;
    }
  };
}
