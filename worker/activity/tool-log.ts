/**
 * Tool calls on their way to their team's log. They wait here for a second at most, so that a call stores nothing
 * and asks nobody on its own way; what the isolate loses when it ends is that second of reads. A write's own
 * entries do not pass here: they are stored before it is sent.
 */
import type { ToolEntry } from "../access/audit-entry.ts";
import { toToolEntry, type EndedCall } from "./tool-entry.ts";

const FLUSH_AFTER_MS = 1_000;

/** A list that is full stays with whoever stores it, and another is begun. */
const MAX_CALLS = 500;
const MAX_INPUT_LENGTH = 1024 * 1024;

export interface ToolLogParts {
  /** Stores lines of one team. */
  readonly store: (team: string, entries: readonly ToolEntry[]) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** Keeps the caller's request alive for `work`, beyond its answer. */
  readonly hold: (work: Promise<void>) => void;
  readonly onLost: (team: string, count: number, error: unknown) => void;
}

export class ToolLog {
  readonly #parts: ToolLogParts;
  /** By team. A team that has a list has somebody who will store it. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(parts: ToolLogParts) {
    this.#parts = parts;
  }

  note(ended: EndedCall): void {
    const { team, input } = ended;
    const waiting = this.#waiting.get(team);
    if (
      waiting !== undefined &&
      waiting.calls.length < MAX_CALLS &&
      waiting.length < MAX_INPUT_LENGTH
    ) {
      waiting.calls.push(ended);
      waiting.length += input.length;
      return;
    }
    const begun = { calls: [ended], length: input.length };
    this.#waiting.set(team, begun);
    this.#parts.hold(this.#flushLater(team, begun));
  }

  /** For a team that lets no read be answered before its line is stored. False where it could not be. */
  async storeNow(ended: EndedCall): Promise<boolean> {
    try {
      await this.#parts.store(ended.team, [await toToolEntry(ended)]);
      return true;
    } catch (error) {
      this.#parts.onLost(ended.team, 1, error);
      return false;
    }
  }

  async #flushLater(team: string, waiting: Waiting): Promise<void> {
    await this.#parts.wait(FLUSH_AFTER_MS);
    if (this.#waiting.get(team) === waiting) this.#waiting.delete(team);
    const { calls } = waiting;
    try {
      await this.#parts.store(team, await Promise.all(calls.map(toToolEntry)));
    } catch (error) {
      this.#parts.onLost(team, calls.length, error);
    }
  }
}

interface Waiting {
  readonly calls: EndedCall[];
  /** Of all inputs, in characters. */
  length: number;
}
