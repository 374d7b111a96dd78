/** Calls that wait for a reply. In memory only: an object that has any can't sleep. */
import type { ErrorCode } from "#shared/failure.ts";
import { isJsonObject } from "#shared/json/json.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Reply } from "#shared/link/request.ts";
import { after } from "../../after.ts";

export type PendingEnd =
  | { readonly type: "reply"; readonly reply: Reply }
  | { readonly type: "deadline" }
  | { readonly type: "lost" }
  | Dropped;

/** Nobody takes the reply. */
export type Dropped =
  /** The caller may no longer see the answer. */
  | { readonly type: "outdated" }
  /** The caller has gone. */
  | { readonly type: "cancelled" };

interface Waiter {
  readonly instance: string;
  readonly settle: (end: PendingEnd) => void;
  readonly endsAtMs: number;
}

/**
 * One timer serves all calls: clearing one with each answer would cost more than everything else about waiting. It
 * is not cleared with the last call either, so it is short: an object with a timer can't sleep.
 */
const LOOK_EVERY_MS = 1_000;

export interface PendingClock {
  readonly nowMs: () => number;
  /** Calls `run` after `ms`, unless it is cancelled. */
  readonly after: (ms: number, run: () => void) => () => void;
}

const SYSTEM_CLOCK: PendingClock = { nowMs: Date.now, after };

export class PendingCalls {
  readonly #waiters = new Map<string, Waiter>();
  readonly #clock: PendingClock;
  #look: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: PendingClock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Always settles, at the deadline at the latest. */
  wait(id: string, instance: string, deadlineMs: number): Promise<PendingEnd> {
    const endsAtMs = this.#clock.nowMs() + deadlineMs;
    this.#lookAt(endsAtMs);
    return new Promise((settle) => {
      this.#waiters.set(id, { instance, settle, endsAtMs });
    });
  }

  /** False for a reply that nobody waits for: late, made up, or in another instance's name. */
  settle(reply: Reply): boolean {
    if (this.#waiters.get(reply.id)?.instance !== reply.instance) return false;
    this.#end(reply.id, { type: "reply", reply });
    return true;
  }

  loseAll(): void {
    for (const id of this.#waiters.keys()) this.#end(id, { type: "lost" });
  }

  drop(id: string, why: Dropped): void {
    this.#end(id, why);
  }

  #end(id: string, end: PendingEnd): void {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return;
    this.#waiters.delete(id);
    waiter.settle(end);
  }

  /** Checks for overdue calls at that time at the latest. */
  #lookAt(endsAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    const atMs = Math.min(endsAtMs, nowMs + LOOK_EVERY_MS);
    if (this.#look !== undefined && this.#look.atMs <= atMs) return;
    this.#look?.cancel();
    this.#look = { atMs, cancel: this.#clock.after(atMs - nowMs, () => this.#endOverdue()) };
  }

  #endOverdue(): void {
    this.#look = undefined;
    const nowMs = this.#clock.nowMs();
    for (const [id, { endsAtMs }] of this.#waiters) {
      if (endsAtMs <= nowMs) this.#end(id, { type: "deadline" });
      else this.#lookAt(endsAtMs);
    }
  }
}

/** The outcome as metrics name it, in the words of the caller's failure. */
export function outcomeOf(end: PendingEnd): string {
  switch (end.type) {
    case "reply":
      return end.reply.err ?? writeOutcomeOf(end.reply.ok) ?? "ok";
    case "deadline":
      return "deadline_exceeded" satisfies ErrorCode;
    case "lost":
      return "link_lost" satisfies ErrorCode;
    case "outdated":
      return "unauthenticated" satisfies ErrorCode;
    case "cancelled":
      return "cancelled" satisfies ErrorCode;
  }
}

/** All relays of a team share the room for outcomes in its metrics, so no word of a relay's own takes any of it. */
const WRITE_OUTCOMES: ReadonlySet<unknown> = new Set<WriteOutcome["outcome"]>([
  "applied",
  "checked",
  "awaiting_local",
  "refused",
  "not_applied",
  "unknown",
]);

function writeOutcomeOf(value: unknown): string | undefined {
  const outcome = isJsonObject(value) ? value["outcome"] : undefined;
  return typeof outcome === "string" && WRITE_OUTCOMES.has(outcome) ? outcome : undefined;
}
