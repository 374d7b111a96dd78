/**
 * Tool calls on their way to their team's log. They wait here for a second at most, so that a call itself
 * stores nothing and asks nobody; if the isolate ends, that second of reads is lost. A write's own entries do
 * not pass through here: they are stored before the write is sent.
 */
import type { ToolEntry } from "../access/audit-entry.ts";
import { toToolEntry, type EndedCall } from "./tool-entry.ts";

const FLUSH_AFTER_MS = 1_000;

/** A full list is left to the request that will store it, and a new one is begun. */
const MAX_CALLS = 500;
const MAX_INPUT_LENGTH = 1024 * 1024;

export interface ToolLogParts {
  /** Stores one team's lines. */
  readonly store: (team: string, entries: readonly ToolEntry[]) => Promise<void>;
  readonly wait: (ms: number) => Promise<void>;
  /** Keeps the caller's request alive for `work`, beyond its answer. */
  readonly hold: (work: Promise<void>) => void;
  readonly onLost: (team: string, count: number, error: unknown) => void;
}

export class ToolLog {
  readonly #parts: ToolLogParts;
  /** By team. Each list here has a request that will store it. */
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

  /** For a team that has no read answered before its line is stored. False if it could not be stored. */
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
  /** Total length of the inputs, in characters. */
  length: number;
}
