/** Calls that wait for a reply. In memory only: an object that has some can't sleep. */
import type { ErrorCode } from "#shared/failure.ts";
import { isJsonObject } from "#shared/json.ts";
import type { Reply } from "#shared/link/request.ts";

export type PendingEnd =
  | { readonly type: "reply"; readonly reply: Reply }
  | { readonly type: "deadline" }
  | { readonly type: "lost" }
  /** Who asked may not know the answer any more. */
  | { readonly type: "outdated" };

interface Waiter {
  readonly instance: string;
  readonly settle: (end: PendingEnd) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class PendingCalls {
  readonly #waiters = new Map<string, Waiter>();

  get size(): number {
    return this.#waiters.size;
  }

  /** Settles in every case, at the deadline at the latest. */
  wait(id: string, instance: string, deadlineMs: number): Promise<PendingEnd> {
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#end(id, { type: "deadline" }), deadlineMs);
      this.#waiters.set(id, { instance, settle, timer });
    });
  }

  /** False for a reply nobody waits for: late, made up, or in another instance's name. */
  settle(reply: Reply): boolean {
    if (this.#waiters.get(reply.id)?.instance !== reply.instance) return false;
    this.#end(reply.id, { type: "reply", reply });
    return true;
  }

  loseAll(): void {
    for (const id of this.#waiters.keys()) this.#end(id, { type: "lost" });
  }

  /** The reply will be nobody's. */
  drop(id: string): void {
    this.#end(id, { type: "outdated" });
  }

  #end(id: string, end: PendingEnd): void {
    const waiter = this.#waiters.get(id);
    if (waiter === undefined) return;
    this.#waiters.delete(id);
    clearTimeout(waiter.timer);
    waiter.settle(end);
  }
}

/** As metrics name it; the same words as the caller's failure has. */
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
  }
}

/** Where a write stands; a relay that says something long or strange instead is not quoted. */
function writeOutcomeOf(value: unknown): string | undefined {
  const outcome = isJsonObject(value) ? value["outcome"] : undefined;
  return typeof outcome === "string" && /^[a-z_]{1,32}$/.test(outcome) ? outcome : undefined;
}
