/**
 * What the device remembers of writes, so that none is executed twice and each outcome can be asked
 * for after the link, the relay or the machine went away.
 */
import type { JsonValue } from "#shared/json/json.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";

export interface JournaledWrite {
  /** The call id. */
  readonly id: string;
  readonly instance: string;
  readonly record: string;
  readonly value: JsonValue;
}

export type JournalEntry =
  | { readonly state: "under_way" }
  | { readonly state: "ended"; readonly outcome: WriteOutcome };

export interface Journal {
  /** Changes when something was forgotten. Undefined if nothing can be kept. */
  readonly id: string | undefined;
  /** False if nothing can be kept: asked before each write, it tries again after a failure. */
  ready(): Promise<boolean>;
  find(id: string): JournalEntry | undefined;
  /** False if it could not be kept: then the write must not be sent. */
  begin(write: JournaledWrite): Promise<boolean>;
  /** `isFollowed`: another write is about to begin, and both may go to the disk together. */
  end(id: string, outcome: WriteOutcome, isFollowed?: boolean): Promise<void>;
  /** Settles when the write has ended; at once if it has, or is not known. */
  ended(id: string): Promise<void>;
}
