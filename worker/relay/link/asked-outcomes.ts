/** Waits for what a relay remembers about writes. */
import type { RememberedWrite } from "#shared/link/outcomes.ts";

/** A relay itself waits some seconds for a write in progress. */
const WAIT_MS = 12_000;

interface Asked {
  readonly ids: ReadonlySet<string>;
  readonly settle: () => void;
}

export class AskedOutcomes {
  readonly #asked = new Set<Asked>();

  /** Settles when the relay has reported one of them, when the link ends, or after a time without. */
  wait(ids: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => asked.settle(), WAIT_MS);
      const settle = () => {
        clearTimeout(timer);
        this.#asked.delete(asked);
        resolve();
      };
      const asked = { ids: new Set(ids), settle };
      this.#asked.add(asked);
    });
  }

  onTold(writes: readonly RememberedWrite[]): void {
    for (const { ids, settle } of this.#asked) {
      if (writes.some(({ id }) => ids.has(id))) settle();
    }
  }

  settleAll(): void {
    for (const { settle } of this.#asked) settle();
  }
}
