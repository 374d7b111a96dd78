/** The writes of a journal in memory: which are under way, and how the others ended. */
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { JournalEntry } from "./journal.ts";

export interface RememberedEntry {
  /** By the device's wall clock. */
  readonly atMs: number;
  readonly outcome: WriteOutcome | undefined;
}

export class RememberedWrites {
  /** In the order they began. */
  readonly #entries: Map<string, RememberedEntry>;
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(entries: Iterable<readonly [string, RememberedEntry]> = []) {
    this.#entries = new Map(entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  find(id: string): JournalEntry | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    const { outcome } = entry;
    return outcome === undefined ? { state: "under_way" } : { state: "ended", outcome };
  }

  begin(id: string, atMs: number): void {
    this.#entries.set(id, { atMs, outcome: undefined });
  }

  /** Removes it as if it had never begun: it was not kept, so it was not sent. */
  takeBack(id: string): void {
    this.#entries.delete(id);
    this.#tell(id);
  }

  end(id: string, outcome: WriteOutcome, nowMs: number): void {
    this.#entries.set(id, { atMs: this.#entries.get(id)?.atMs ?? nowMs, outcome });
    this.#tell(id);
  }

  ended(id: string): Promise<void> {
    if (this.find(id)?.state !== "under_way") return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), resolve]);
    });
  }

  /**
   * Forgets those that began before `beforeMs`, and if there are more than `most`, all but the newest `kept`; never one
   * that is under way. Returns how many.
   */
  forget(beforeMs: number, most: number, kept: number): number {
    const before = this.#entries.size;
    let excess = before > most ? before - kept : 0;
    for (const [id, { atMs, outcome }] of this.#entries) {
      if (outcome !== undefined && (excess > 0 || atMs < beforeMs)) this.#entries.delete(id);
      excess -= 1;
    }
    return before - this.#entries.size;
  }

  /** Forgets the oldest that have ended, until they come to `bytes`. Returns how many. */
  forgetOldest(bytes: number, bytesOf: (id: string, entry: RememberedEntry) => number): number {
    let left = bytes;
    let count = 0;
    for (const [id, entry] of this.#entries) {
      if (left <= 0) break;
      if (entry.outcome === undefined) continue;
      this.#entries.delete(id);
      left -= bytesOf(id, entry);
      count += 1;
    }
    return count;
  }

  [Symbol.iterator](): IterableIterator<[string, RememberedEntry]> {
    return this.#entries[Symbol.iterator]();
  }

  #tell(id: string): void {
    for (const resolve of this.#waiting.get(id) ?? []) resolve();
    this.#waiting.delete(id);
  }
}
