/** The raw sessions with real hosts in `test/fixtures/aimx-sessions`. */

import { readFileSync } from "node:fs";

export type RecordedStep =
  | { readonly type: "sent"; readonly text: string }
  | { readonly type: "received"; readonly atMs: number; readonly text: string }
  /** The host ended the connection. */
  | { readonly type: "ended"; readonly atMs: number };

export const RECORDED_SESSIONS = [
  "v1-core-1.1.0",
  "v2-main-2026-08-13",
  "v3-main-2026-08-21",
] as const;
export type RecordedSessionName = (typeof RECORDED_SESSIONS)[number];

/** The recording cuts a sent line behind this many characters. */
export const SENT_LINE_LIMIT = 300;

const FOLDER = new URL("../../../fixtures/aimx-sessions/", import.meta.url);
const SENT = "  -> ";
const RECEIVED = /^ {2}<- \[(\d+)\] (.*)$/s;

export function readRecordedSession(name: RecordedSessionName): readonly RecordedStep[] {
  return parseRecordedSession(readFileSync(new URL(`${name}.txt`, FOLDER), "utf8"));
}

function parseRecordedSession(text: string): readonly RecordedStep[] {
  return text.split("\n").flatMap((line): RecordedStep[] => {
    if (line.startsWith(SENT)) return [{ type: "sent", text: line.slice(SENT.length) }];
    const received = RECEIVED.exec(line);
    if (received === null) return [];
    const [, at, content = ""] = received;
    const atMs = Number(at);
    if (content.startsWith("EOF ")) return [{ type: "ended", atMs }];
    return [{ type: "received", atMs, text: content }];
  });
}
