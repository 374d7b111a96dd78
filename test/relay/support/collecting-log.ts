/** A log that a test can read. */
import type { Log, LogField } from "../../../relay/log.ts";

export interface LogEntry {
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly [field: string]: LogField;
}

export class CollectingLog implements Log {
  readonly entries: LogEntry[] = [];

  info(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.entries.push({ ...fields, level: "info", event });
  }

  warn(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.entries.push({ ...fields, level: "warn", event });
  }

  error(event: string, fields: Readonly<Record<string, LogField>> = {}): void {
    this.entries.push({ ...fields, level: "error", event });
  }

  of(event: string): LogEntry[] {
    return this.entries.filter((entry) => entry.event === event);
  }
}
