/** What a WebSocket message takes of a line: its text and the header before it (RFC 6455, 5.2). */
const SHORT = 126;
const MEDIUM = 65_536;
const MASK_BYTES = 4;

function withHeader(payload: number): number {
  if (payload < SHORT) return payload + 2;
  return payload + (payload < MEDIUM ? 4 : 10);
}

export function receivedBytes(text: string): number {
  return withHeader(Buffer.byteLength(text));
}

/** A client masks what it sends. */
export function sentBytes(text: string): number {
  return withHeader(Buffer.byteLength(text)) + MASK_BYTES;
}
