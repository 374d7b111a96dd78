/** Announces what the relay can reach: after each welcome, and soon after a change. */
import type { Inventory } from "#shared/link/inventory.ts";
import type { Clock } from "../clock.ts";
import type { Purpose } from "../traffic/budget.ts";

/** Changes that come close together go out as one. */
const DELAY_MS = 250;

/** Six inventories a minute at most, however restless the hosts are. */
const INTERVAL_MS = 10_000;

/** A metered line had no budget left for it. */
const AGAIN_MS = 60_000;

export interface InventoryTellerParts {
  readonly read: () => Inventory;
  /** False if a metered line does not take it now. */
  readonly send: (inventory: Inventory, purpose: Purpose) => boolean;
  readonly isLive: () => boolean;
  readonly clock: Pick<Clock, "monotonicMs" | "after">;
}

export class InventoryTeller {
  readonly #parts: InventoryTellerParts;
  #sentMs = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(parts: InventoryTellerParts) {
    this.#parts = parts;
  }

  /** A waiting change is from the previous link, and is part of what this one is sent. */
  begin(): void {
    this.forget();
    this.#tell("always");
  }

  changed(): void {
    const { isLive, clock } = this.#parts;
    if (!isLive() || this.#cancel !== undefined) return;
    const earliestMs = this.#sentMs + INTERVAL_MS - clock.monotonicMs();
    this.#tellIn(Math.max(DELAY_MS, earliestMs));
  }

  forget(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tellIn(ms: number): void {
    this.#cancel = this.#parts.clock.after(ms, () => {
      this.#cancel = undefined;
      if (!this.#tell("reads")) this.#tellIn(AGAIN_MS);
    });
  }

  #tell(purpose: Purpose): boolean {
    const { read, send, isLive, clock } = this.#parts;
    if (!isLive()) return true;
    this.#sentMs = clock.monotonicMs();
    return send(read(), purpose);
  }
}
