/** A desk of subscriptions over a relay that answers from a list. */
import type { Subscription } from "#shared/desk/desk-rows.ts";
import { MemoryDeskRows } from "#shared/desk/memory-desk-rows.ts";
import { SubscriptionDesk } from "#shared/desk/subscription-desk.ts";
import { PlayedRelay, type Answer } from "./played-relay.ts";

export const OWN = "own";
export const FOREIGN = "foreign";
export const START_MS = 1_000_000_000;

export class Counter extends PlayedRelay {
  readonly rows = new MemoryDeskRows();
  nowMs = START_MS;
  #opened = 0;
  #reads = 0;
  readonly desk = new SubscriptionDesk({
    rows: this.rows,
    nowMs: () => this.nowMs,
    newId: () => `id-${(this.#opened += 1)}`,
  });

  open(change: { principal?: string; instance?: string; maxEvents?: number } = {}) {
    const { principal = OWN, instance = "plant", maxEvents = null } = change;
    const options = { principal, instance, record: "Temperature", durationMs: 60_000, maxEvents };
    return this.desk.open(this.ask, options);
  }

  async openId(change: { principal?: string; maxEvents?: number } = {}): Promise<string> {
    const opened = await this.open(change);
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value.id;
  }

  /** Each is a new one unless its id is given. */
  read(id: string, principal: string = OWN, readId = `read-${(this.#reads += 1)}`) {
    return this.desk.read(this.ask, { principal, id, readId, waitMs: 25_000, maxBytes: 9_000 });
  }

  readAfter(id: string, after: string, principal: string = OWN) {
    const readId = `read-${(this.#reads += 1)}`;
    const bounds = { waitMs: 25_000, maxBytes: 9_000 };
    return this.desk.read(this.ask, { principal, id, readId, after, ...bounds });
  }

  change(id: string, change: Partial<Subscription>): void {
    const row = this.rows.readSubscription(id, OWN);
    if (row === undefined) throw new Error("No such subscription");
    this.rows.writeSubscription({ ...row, ...change });
  }
}

/** An answer that comes when it is let go. */
export function held(): {
  readonly answer: Promise<Answer>;
  readonly give: (answer: Answer) => void;
} {
  let give: (answer: Answer) => void = () => {};
  const answer = new Promise<Answer>((resolve) => {
    give = resolve;
  });
  return { answer, give };
}

export const UNKNOWN = { ok: false, error: { code: "unknown_subscription" } };
