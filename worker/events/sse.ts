/** The text of server-sent events (HTML standard §9.2). Pure. */

export interface SseEvent {
  readonly event: string;
  readonly data: object;
  /** Where a reader goes on that saw this one. */
  readonly id?: string | undefined;
}

/** JSON has no line breaks, so that data is one line. */
export function toSse({ event, data, id }: SseEvent): string {
  const named = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${named}data: ${JSON.stringify(data)}\n\n`;
}

/** Tells the reader how long to wait before it comes back. */
export function toRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Proxies and readers take silence for a dead connection. */
export const KEEPALIVE = ": keepalive\n\n";
