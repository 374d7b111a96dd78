/** A desk's rows for as long as the process lives. */
import type { DeskRows, DrainCursor, Subscription } from "./desk-rows.ts";

export class MemoryDeskRows implements DeskRows {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #drains = new Map<string, DrainCursor>();

  writeSubscription(subscription: Subscription): void {
    this.#subscriptions.set(subscription.id, subscription);
  }

  readSubscription(id: string, principal: string): Subscription | undefined {
    const found = this.#subscriptions.get(id);
    return found?.principal === principal ? found : undefined;
  }

  countActive(
    { principal, instance }: Pick<Subscription, "principal" | "instance">,
    nowMs: number,
  ): number {
    return Array.from(this.#subscriptions.values()).filter(
      (row) =>
        row.principal === principal &&
        row.instance === instance &&
        !row.ended &&
        row.endsAtMs > nowMs,
    ).length;
  }

  forgetSubscriptions(usedBeforeMs: number): void {
    for (const [id, { usedAtMs }] of this.#subscriptions) {
      if (usedAtMs < usedBeforeMs) this.#subscriptions.delete(id);
    }
  }

  writeDrain(drain: DrainCursor): void {
    this.#drains.set(keyOf(drain), drain);
  }

  readDrain(of: Pick<DrainCursor, "principal" | "instance" | "record">): DrainCursor | undefined {
    return this.#drains.get(keyOf(of));
  }

  forgetDrains(usedBeforeMs: number): void {
    for (const [key, { usedAtMs }] of this.#drains) {
      if (usedAtMs < usedBeforeMs) this.#drains.delete(key);
    }
  }
}

function keyOf({
  principal,
  instance,
  record,
}: Pick<DrainCursor, "principal" | "instance" | "record">): string {
  return JSON.stringify([principal, instance, record]);
}
