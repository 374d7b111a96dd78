/** One JSON line per event. Fields never hold a secret or a record's value. */

export type LogField = string | number | boolean | null | undefined;

export function logEvent(
  level: "info" | "warn" | "error",
  event: string,
  fields: Readonly<Record<string, LogField>> = {},
): void {
  console[level](JSON.stringify({ level, event, ...fields }));
}
