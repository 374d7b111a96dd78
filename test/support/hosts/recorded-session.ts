/** Raw sessions with live hosts: `  -> sent` and `  <- [ms] received`, a line each. */
import { readFileSync } from "node:fs";

export type RecordedLine =
  | { readonly direction: "sent"; readonly text: string }
  | { readonly direction: "received"; readonly text: string };

export const RECORDED_SESSIONS = {
  v1: "v1-core-1.1.0.txt",
  v2: "v2-main-2026-08-13.txt",
  v3: "v3-main-2026-08-21.txt",
  v3_released: "v3-core-2.0.0.txt",
} as const;

export function readRecordedSession(file: string): RecordedLine[] {
  const url = new URL(`../../fixtures/aimx-sessions/${file}`, import.meta.url);
  return readFileSync(url, "utf8")
    .split("\n")
    .flatMap((line): RecordedLine[] => {
      const sent = /^ {2}-> (.*)$/.exec(line)?.[1];
      if (sent !== undefined) return [{ direction: "sent", text: sent }];
      const received = /^ {2}<- \[\d+\] (.*)$/.exec(line)?.[1];
      if (received === undefined || received.startsWith("EOF")) return [];
      return [{ direction: "received", text: received }];
    });
}
