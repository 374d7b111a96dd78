/** The device's own record of every call that reached it: one JSON line each, appended. */
import { open, type FileHandle } from "node:fs/promises";
import { printableLine } from "#shared/text/printable.ts";
import { errorCodeOf } from "../error-code.ts";
import { mayPass, NeedsOperator } from "../needs-operator.ts";
import { SharedSync } from "./shared-sync.ts";

const OWNER_ONLY = 0o600;

export interface AuditEntry {
  /** ISO-8601 by the device's clock. */
  readonly time: string;
  /** The same id as in the team's log. */
  readonly call_id: string;
  readonly principal: string;
  readonly instance: string;
  readonly method: string;
  readonly record?: string | undefined;
  /** `intent` is written before a write is sent, so that a crash leaves a trace. */
  readonly phase: "intent" | "outcome";
  readonly outcome?: string | undefined;
  /** Who approved a write: `human` and `client` are the worker's word, `local` is this device's. */
  readonly approval?: string | undefined;
  readonly duration_ms?: number | undefined;
  /** The written value, or which counters were reset; as JSON, cut at MAX_VALUE_LENGTH. */
  readonly value?: string | undefined;
}

export const MAX_VALUE_LENGTH = 1_024;

export interface AuditLog {
  /** Settles when the entry is with the kernel, `durable` ones when they are on disk. Rejects if not. */
  append(entry: AuditEntry, durable: boolean): Promise<void>;
  close(): Promise<void>;
}

export async function openAuditLog(path: string): Promise<AuditLog> {
  const file = await openAppending(path);
  const disk = new SharedSync(() => file.datasync());
  /** Lines are written one after another; they reach the disk together. */
  let turn: Promise<unknown> = Promise.resolve();
  return {
    append: async (entry, durable) => {
      const line = Buffer.from(`${printableLine(JSON.stringify(entry))}\n`);
      const written = turn.then(() => writeWhole(file, line));
      turn = written.catch(() => {});
      await written;
      if (durable) await disk.reached();
    },
    close: () => file.close(),
  };
}

async function openAppending(path: string): Promise<FileHandle> {
  try {
    return await open(path, "a", OWNER_ONLY);
  } catch (error) {
    if (mayPass(error)) throw error;
    const code = errorCodeOf(error);
    throw new NeedsOperator(
      `audit_log ${path} can't be opened (${code}): make its folder, writable for the relay, or name another file`,
    );
  }
}

/** Or none of it: half a line, as a full disk leaves it, would spoil the next one. */
async function writeWhole(file: FileHandle, line: Buffer): Promise<void> {
  let done = 0;
  try {
    while (done < line.length) {
      const { bytesWritten } = await file.write(line, done);
      done += bytesWritten;
    }
  } catch (error) {
    // By the file's size now: it may have been rotated since it was opened.
    if (done > 0) await file.truncate(Math.max(0, (await file.stat()).size - done));
    throw error;
  }
}
