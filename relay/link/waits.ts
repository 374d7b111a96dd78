/** Calls that wait for samples; a listener makes one after another. */
import { isJsonObject, type JsonValue } from "#shared/json/json.ts";
import type { Method } from "#shared/link/method.ts";
import type { Request } from "#shared/link/request.ts";

export const WAITING: ReadonlySet<Method> = new Set(["samples.read", "samples.watch"]);

/** It has cursors, so it continues an earlier call, and is answered from what the relay keeps. */
export function isWait({ method, params }: Request): boolean {
  if (!WAITING.has(method) || !isJsonObject(params)) return false;
  const { records, wait_ms: waitMs } = params;
  if (typeof waitMs !== "number" || waitMs <= 0) return false;
  return Array.isArray(records) ? records.every(hasCursor) : hasCursor(params);
}

function hasCursor(asked: JsonValue): boolean {
  return isJsonObject(asked) && asked["after"] !== undefined;
}

/** How often a listener is named in the log; each answer of a fast record would fill the disk. */
const LOGGED_EVERY_MS = 60_000;

/** More listeners than a link carries in a minute; beyond that, all are named again. */
const MAX_KEPT = 1_000;

export class LoggedWaits {
  readonly #loggedAtMs = new Map<string, number>();

  /** `key` says who waits for what. True: it is to be logged, and counts as logged from now on. */
  isDue(key: string, nowMs: number): boolean {
    const atMs = this.#loggedAtMs.get(key);
    if (atMs !== undefined && nowMs - atMs < LOGGED_EVERY_MS) return false;
    if (this.#loggedAtMs.size >= MAX_KEPT) this.#loggedAtMs.clear();
    this.#loggedAtMs.set(key, nowMs);
    return true;
  }
}
