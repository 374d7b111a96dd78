/** A cursor as the opaque text that a watcher hands back. */
import type { Cursor } from "../link/methods/samples-read.ts";

export function watchCursor({ epoch, sequence }: Cursor): string {
  return `${epoch}:${sequence}`;
}

/** Undefined for any other text: the watch then starts from now. */
export function parseWatchCursor(text: string | undefined): Cursor | undefined {
  const [, epoch, sequence] = /^(.{1,40}):(\d{1,15})$/.exec(text ?? "") ?? [];
  return epoch === undefined ? undefined : { epoch, sequence: Number(sequence) };
}
