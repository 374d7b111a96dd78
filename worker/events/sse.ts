/** The text of server-sent events (HTML standard §9.2). Pure. */

export interface SseEvent {
  readonly event: string;
  readonly data: object;
  /** Where a reader that has seen this event continues. */
  readonly id?: string | undefined;
}

/** JSON text has no line breaks, so the data is one line. */
export function toSse({ event, data, id }: SseEvent): string {
  const named = id === undefined ? "" : `id: ${id}\n`;
  return `event: ${event}\n${named}data: ${JSON.stringify(data)}\n\n`;
}

/** Tells the reader how long to wait before it reconnects. */
export function toRetry(ms: number): string {
  return `retry: ${ms}\n\n`;
}

/** Proxies and readers take silence for a dead connection. */
export const KEEPALIVE = ": keepalive\n\n";
