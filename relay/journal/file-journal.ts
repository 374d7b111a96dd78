/** The journal on disk. An intent is there before the write is sent, its outcome before it is reported. */
import { open, readFile, stat, type FileHandle } from "node:fs/promises";
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
import { RememberedWrites, type RememberedEntry } from "./remembered-writes.ts";

const FILE_NAME = "writes.ndjson";
const OWNER_ONLY = 0o600;
const DAY_MS = 86_400_000;

/** Far longer than a write may still begin, so that each is recognized as long as it could be repeated. */
const KEPT_MS = 7 * DAY_MS;
const MAX_ENTRIES = 10_000;

/** Including the intents of ended writes, which are dropped first: they may be long. */
export const MAX_BYTES = 8 * 1024 * 1024;
export const KEPT_BYTES = MAX_BYTES / 2;

/** A failed rewrite is not tried again for each new write. */
export const RETRY_MS = 5_000;

/** Time for a read from the host, less than a sync takes on many devices. */
export const FOLLOWED_MS = 3;

/** This many go at once, since the journal gets a new name whenever something is forgotten. */
const KEPT_ENTRIES = MAX_ENTRIES / 2;

const OTHER_RELAY = "another relay runs with this state folder";

interface WaitingLine {
  readonly text: string;
  /** True if it is on the disk. */
  readonly settle: (isWritten: boolean) => void;
}

export interface FileJournalOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly openToAppend?: (path: string) => Promise<JournalFile>;
}

export interface JournalFile extends Pick<
  FileHandle,
  "appendFile" | "datasync" | "truncate" | "close"
> {
  readonly stat: () => Promise<{ readonly ino: number }>;
}

export class FileJournal implements Journal {
  readonly #options: FileJournalOptions;
  readonly #path: string;
  #writes = new RememberedWrites();
  /** Writes under way, as their intents say. */
  #open = new Map<string, OpenWrite>();
  /** Its name, if it can be kept. */
  #name: string | undefined;
  /** Undefined if it can't be kept. */
  #file: JournalFile | undefined;
  /** Of `#file`. */
  #inode = 0;
  /** Everything in the file is in memory too, so that it can be rewritten. */
  #isWhole = false;
  #retryAtMs = Number.NEGATIVE_INFINITY;
  #bytes = 0;
  /** Lines that go to the disk together, once the current write is there. */
  #waiting: WaitingLine[] = [];
  #isWritingSoon = false;
  /** Set while lines wait for the one that follows them. */
  #stopFollowing: (() => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: FileJournalOptions) {
    this.#options = options;
    this.#path = join(options.folder, FILE_NAME);
  }

  /** A journal that can't be kept has no id. Also gives the writes that an earlier process left open. */
  static async open(
    options: FileJournalOptions,
  ): Promise<{ journal: FileJournal; left: readonly OpenWrite[] }> {
    const journal = new FileJournal(options);
    return { journal, left: await journal.#load() };
  }

  get id(): string | undefined {
    return this.#file === undefined ? undefined : this.#name;
  }

  async ready(): Promise<boolean> {
    if (this.#file === undefined) await this.#inTurn(() => this.#recover());
    return this.#file !== undefined;
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

  /** What can't be written is still known, and is in the file once that is rewritten. */
  async end(id: string, outcome: WriteOutcome, isFollowed = false): Promise<void> {
    const nowMs = this.#options.clock.wallMs();
    const isKept = await this.#append(outcomeLine(id, outcome, nowMs), isFollowed);
    this.#writes.end(id, outcome, nowMs);
    this.#open.delete(id);
    if (!isKept) await this.#inTurn(() => this.#lacks(id));
    if (this.#isLarge()) await this.#inTurn(() => this.#compact());
  }

  async close(): Promise<void> {
    this.#isWhole = false;
    this.#writeSoon();
    await this.#inTurn(() => this.#closeFile());
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
      this.#name = found.isDamaged ? undefined : found.id;
      this.#isWhole = true;
      await this.#rewrite();
      return found.open;
    } catch (error) {
      await this.#unavailable(error);
      return [];
    }
  }

  async #lacks(id: string): Promise<void> {
    if (this.#file !== undefined) await this.#unavailable(`the end of ${id} is not in it`);
  }

  #isLarge(): boolean {
    if (this.#file === undefined) return false;
    return this.#writes.size > MAX_ENTRIES || this.#bytes > MAX_BYTES;
  }

  async #compact(): Promise<void> {
    if (this.#isLarge()) await this.#rewrite();
  }

  async #recover(): Promise<void> {
    const isEarly = this.#options.clock.monotonicMs() < this.#retryAtMs;
    if (this.#file !== undefined || !this.#isWhole || isEarly) return;
    await this.#rewrite();
    if (this.#file !== undefined) this.#options.log.info("journal_available");
  }

  async #rewrite(): Promise<void> {
    try {
      await this.#closeFile();
      const text = this.#forgetAndPrint();
      await writePrivateFile(this.#path, text);
      this.#file = await (this.#options.openToAppend ?? openToAppend)(this.#path);
      this.#inode = (await this.#file.stat()).ino;
      this.#bytes = Buffer.byteLength(text);
    } catch (error) {
      await this.#unavailable(error);
    }
  }

  /** Leaves out what is too old or too much; under a new name if anything was lost. */
  #forgetAndPrint(): string {
    const oldestMs = this.#options.clock.wallMs() - KEPT_MS;
    const tooOld = this.#writes.forget(oldestMs, MAX_ENTRIES, KEPT_ENTRIES);
    const bytesOf = (...entry: [string, RememberedEntry]) => Buffer.byteLength(this.#lineOf(entry));
    const bytes = [...this.#writes].reduce((sum, entry) => sum + bytesOf(...entry), 0);
    const tooMuch = this.#writes.forgetOldest(bytes - KEPT_BYTES, bytesOf);
    if (tooOld + tooMuch > 0) this.#name = undefined;
    this.#name ??= randomBytes(16).toString("hex");
    const lines = Array.from(this.#writes, (entry) => this.#lineOf(entry));
    return [headLine(this.#name), ...lines].join("");
  }

  #lineOf([id, { atMs, outcome }]: [string, RememberedEntry]): string {
    if (outcome !== undefined) return outcomeLine(id, outcome, atMs);
    const left = this.#open.get(id);
    return left === undefined ? "" : intentLine(left, atMs);
  }

  #append(text: string, isFollowed = false): Promise<boolean> {
    return new Promise((settle) => {
      this.#waiting.push({ text, settle });
      if (!isFollowed) return this.#writeSoon();
      this.#stopFollowing ??= this.#options.clock.after(FOLLOWED_MS, () => this.#writeSoon());
    });
  }

  #writeSoon(): void {
    if (this.#isWritingSoon) return;
    this.#isWritingSoon = true;
    void this.#inTurn(() => this.#writeWaiting());
  }

  async #writeWaiting(): Promise<void> {
    this.#isWritingSoon = false;
    this.#stopFollowing?.();
    this.#stopFollowing = undefined;
    const lines = this.#waiting;
    this.#waiting = [];
    if (lines.length === 0) return;
    const isWritten = await this.#write(lines.map(({ text }) => text).join(""));
    for (const { settle } of lines) settle(isWritten);
  }

  async #write(text: string): Promise<boolean> {
    const file = this.#file;
    if (file === undefined) return false;
    try {
      await file.appendFile(text);
      await file.datasync();
      if (await this.#isReplaced()) return false;
      this.#bytes += Buffer.byteLength(text);
      return true;
    } catch (error) {
      this.#options.log.error("journal_not_written", { reason: String(error) });
      await this.#cutTo(file, this.#bytes);
      return false;
    }
  }

  /**
   * A file that another process put there does not have what is written to this one: "never seen" would prove nothing,
   * so this journal can no longer be kept. A file that was only removed is rewritten.
   */
  async #isReplaced(): Promise<boolean> {
    const there = await stat(this.#path).catch(() => undefined);
    if (this.#inode === there?.ino) return false;
    if (there !== undefined) this.#isWhole = false;
    await this.#unavailable(there === undefined ? "it was removed" : OTHER_RELAY);
    return true;
  }

  /** Half a line must not precede the next one. */
  async #cutTo(file: JournalFile, bytes: number): Promise<void> {
    try {
      await file.truncate(bytes);
    } catch (error) {
      await this.#unavailable(error);
    }
  }

  async #unavailable(error: unknown): Promise<void> {
    this.#options.log.error("journal_unavailable", { reason: String(error) });
    this.#retryAtMs = this.#options.clock.monotonicMs() + RETRY_MS;
    await this.#closeFile().catch(() => {});
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
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
