/** The journal on disk. An intent is there before the write is sent, its outcome before it is told. */
import { open, readFile, type FileHandle } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { Clock } from "../clock.ts";
import { writePrivateFile } from "../identity/state-dir.ts";
import type { Log } from "../log.ts";
import type { Journal, JournalEntry, JournaledWrite } from "./journal.ts";
import {
  headLine,
  intentLine,
  outcomeLine,
  readJournalText,
  type OpenWrite,
} from "./journal-file.ts";
import { RememberedWrites } from "./remembered-writes.ts";

const FILE_NAME = "writes.ndjson";
const OWNER_ONLY = 0o600;
const DAY_MS = 86_400_000;

/** Far longer than any write may still begin, so that none outlives what it is recognized by. */
const KEPT_MS = 7 * DAY_MS;
const MAX_ENTRIES = 10_000;

/** As many go at once, since the journal gets a new name when something is forgotten. */
const KEPT_ENTRIES = MAX_ENTRIES / 2;

interface WaitingLine {
  readonly text: string;
  /** True if it is on the disk. */
  readonly settle: (isWritten: boolean) => void;
}

export interface FileJournalOptions {
  readonly folder: string;
  readonly clock: Pick<Clock, "wallMs">;
  readonly log: Log;
  readonly openToAppend?: (path: string) => Promise<JournalFile>;
}

export type JournalFile = Pick<FileHandle, "appendFile" | "datasync" | "truncate" | "close">;

export class FileJournal implements Journal {
  readonly #options: FileJournalOptions;
  readonly #path: string;
  #writes = new RememberedWrites();
  /** Those under way, as their intents say. */
  #open = new Map<string, OpenWrite>();
  #id: string | undefined;
  #file: JournalFile | undefined;
  #bytes = 0;
  /** Lines that go to the disk together, once what is being written is there. */
  #waiting: WaitingLine[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: FileJournalOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILE_NAME);
  }

  /** A journal that can't be kept is one without an id; the writes that an earlier process left open. */
  static async open(
    options: FileJournalOptions,
  ): Promise<{ journal: FileJournal; left: readonly OpenWrite[] }> {
    const journal = new FileJournal(options);
    return { journal, left: await journal.#load() };
  }

  get id(): string | undefined {
    return this.#id;
  }

  find(id: string): JournalEntry | undefined {
    return this.#writes.find(id);
  }

  ended(id: string): Promise<void> {
    return this.#writes.ended(id);
  }

  async begin(write: JournaledWrite): Promise<boolean> {
    const nowMs = this.#options.clock.wallMs();
    this.#writes.begin(write.id, nowMs);
    this.#open.set(write.id, write);
    if (await this.#append(intentLine(write, nowMs))) return true;
    this.#writes.takeBack(write.id);
    this.#open.delete(write.id);
    return false;
  }

  /** What can't be written down is still known until the process ends. */
  async end(id: string, outcome: WriteOutcome): Promise<void> {
    const nowMs = this.#options.clock.wallMs();
    await this.#append(outcomeLine(id, outcome, nowMs));
    this.#writes.end(id, outcome, nowMs);
    this.#open.delete(id);
    if (this.#writes.size > MAX_ENTRIES) await this.#inTurn(() => this.#compact());
  }

  async close(): Promise<void> {
    await this.#inTurn(async () => this.#file?.close());
    this.#file = undefined;
    this.#id = undefined;
  }

  async #load(): Promise<readonly OpenWrite[]> {
    try {
      const text = await readFile(this.#path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return "";
        throw error;
      });
      const found = readJournalText(text);
      this.#writes = new RememberedWrites(found.entries);
      this.#open = new Map(found.open.map((write) => [write.id, write]));
      await this.#rewrite(found.isDamaged ? undefined : found.id);
      return found.open;
    } catch (error) {
      this.#unavailable(error);
      return [];
    }
  }

  async #compact(): Promise<void> {
    try {
      await this.#file?.close();
      await this.#rewrite(this.#id);
    } catch (error) {
      this.#unavailable(error);
    }
  }

  /** Without what is too old or too much; under a new name if anything of it was lost. */
  async #rewrite(id: string | undefined): Promise<void> {
    const oldestMs = this.#options.clock.wallMs() - KEPT_MS;
    const forgotten = this.#writes.forget(oldestMs, MAX_ENTRIES, KEPT_ENTRIES);
    const journalId = forgotten > 0 || id === undefined ? randomBytes(16).toString("hex") : id;
    const lines = [headLine(journalId)];
    for (const [writeId, { atMs, outcome }] of this.#writes) {
      const left = this.#open.get(writeId);
      if (outcome !== undefined) lines.push(outcomeLine(writeId, outcome, atMs));
      else if (left !== undefined) lines.push(intentLine(left, atMs));
    }
    const text = lines.join("");
    await writePrivateFile(this.#path, text);
    this.#file = await (this.#options.openToAppend ?? openToAppend)(this.#path);
    this.#bytes = Buffer.byteLength(text);
    this.#id = journalId;
  }

  #append(text: string): Promise<boolean> {
    return new Promise((settle) => {
      this.#waiting.push({ text, settle });
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#writeWaiting());
    });
  }

  async #writeWaiting(): Promise<void> {
    const lines = this.#waiting;
    this.#waiting = [];
    const isWritten = await this.#write(lines.map(({ text }) => text).join(""));
    for (const { settle } of lines) settle(isWritten);
  }

  async #write(text: string): Promise<boolean> {
    const file = this.#file;
    if (file === undefined) return false;
    try {
      await file.appendFile(text);
      await file.datasync();
      this.#bytes += Buffer.byteLength(text);
      return true;
    } catch (error) {
      this.#options.log.error("journal_not_written", { reason: String(error) });
      await this.#cutTo(file, this.#bytes);
      return false;
    }
  }

  /** Half a line must not stand before the next one. */
  async #cutTo(file: JournalFile, bytes: number): Promise<void> {
    try {
      await file.truncate(bytes);
    } catch (error) {
      this.#unavailable(error);
    }
  }

  #unavailable(error: unknown): void {
    this.#options.log.error("journal_unavailable", { reason: String(error) });
    this.#file = undefined;
    this.#id = undefined;
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(run);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function openToAppend(path: string): Promise<JournalFile> {
  return open(path, "a", OWNER_ONLY);
}
