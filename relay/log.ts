/** One JSON line per event on stderr, as journald likes it. Fields never hold a secret or a value. */
import { printableLine } from "#shared/text/printable.ts";

export type LogField = string | number | boolean | undefined;

export interface Log {
  info(event: string, fields?: Readonly<Record<string, LogField>>): void;
  warn(event: string, fields?: Readonly<Record<string, LogField>>): void;
  error(event: string, fields?: Readonly<Record<string, LogField>>): void;
}

export function createLog(write: (line: string) => void, wallMs: () => number): Log {
  const at =
    (level: string) =>
    (event: string, fields: Readonly<Record<string, LogField>> = {}) => {
      const time = new Date(wallMs()).toISOString();
      write(`${printableLine(JSON.stringify({ time, level, event, ...fields }))}\n`);
    };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
