/** For a process about whose writes nobody asks once it has ended: beside a client, over stdio. */
import { randomBytes } from "node:crypto";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Journal, JournalEntry, JournaledWrite } from "./journal.ts";
import { RememberedWrites } from "./remembered-writes.ts";

const MAX_ENTRIES = 1_000;

export class MemoryJournal implements Journal {
  readonly id = randomBytes(16).toString("hex");
  readonly #writes = new RememberedWrites();

  ready(): Promise<boolean> {
    return Promise.resolve(true);
  }

  find(id: string): JournalEntry | undefined {
    return this.#writes.find(id);
  }

  ended(id: string): Promise<void> {
    return this.#writes.ended(id);
  }

  begin({ id }: JournaledWrite): Promise<boolean> {
    this.#writes.begin(id, 0);
    return Promise.resolve(true);
  }

  end(id: string, outcome: WriteOutcome): Promise<void> {
    this.#writes.end(id, outcome, 0);
    this.#writes.forget(0, MAX_ENTRIES, MAX_ENTRIES / 2);
    return Promise.resolve();
  }
}
