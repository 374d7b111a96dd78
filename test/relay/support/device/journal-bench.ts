/** A journal in a folder of its own, on a disk that can be full or broken. */
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import { FileJournal, type JournalFile } from "../../../../relay/journal/file-journal.ts";
import { ManualClock } from "../../../support/manual-clock.ts";
import { CollectingLog } from "../collecting-log.ts";
import { freshFolder } from "./fresh-folder.ts";

export const APPLIED: WriteOutcome = { outcome: "applied", record_key: "a", echo: "same" };
export const DAY_MS = 86_400_000;

export function idOf(n: number): string {
  return n.toString(16).padStart(32, "0");
}

export function writeOf(n: number) {
  return { id: idOf(n), instance: "boiler", record: "a", value: { n } };
}

export class JournalBench {
  readonly clock = new ManualClock();
  readonly log = new CollectingLog();
  readonly folder: string;
  syncs = 0;
  isFull = false;
  /** Nothing can be cut off either. */
  isBroken = false;

  constructor(folder: string) {
    this.folder = folder;
  }

  get path(): string {
    return join(this.folder, "writes.ndjson");
  }

  async open() {
    const { folder, clock, log } = this;
    const openToAppend = (path: string) => this.#openToAppend(path);
    const opened = await FileJournal.open({ folder, clock, log, openToAppend });
    onTestFinished(() => opened.journal.close());
    return opened;
  }

  /** The file itself, its syncs counted, on a disk that can be full. */
  async #openToAppend(path: string): Promise<JournalFile> {
    const file = await open(path, "a", 0o600);
    return {
      appendFile: (text) => file.appendFile(text),
      datasync: async () => {
        this.syncs += 1;
        if (this.isFull) throw new Error("no space left on device");
        await file.datasync();
      },
      truncate: async (length) => {
        if (this.isBroken) throw new Error("input/output error");
        await file.truncate(length);
      },
      stat: () => file.stat(),
      close: () => file.close(),
    };
  }

  /** Until it is given way, nothing can be written anew: what lies in the way is no file. */
  async blockRewrite(): Promise<() => Promise<void>> {
    const inTheWay = `${this.path}.new`;
    await mkdir(inTheWay, { recursive: true });
    return () => rm(inTheWay, { recursive: true });
  }

  /** Of the writes that the file tells about. */
  async ids(): Promise<string[]> {
    const lines = await this.lines();
    return lines.slice(1).map((line) => (JSON.parse(line) as { id: string }).id);
  }

  lines(): Promise<string[]> {
    return readFile(this.path, "utf8").then((text) => text.trimEnd().split("\n"));
  }
}

export async function benchJournal(): Promise<JournalBench> {
  return new JournalBench(join(await freshFolder(), "state"));
}
