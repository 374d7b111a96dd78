/** Closing codes of a relay's socket. */
import { CLOSE_CODES } from "#shared/link/close-code.ts";

/** RFC 6455 §7.4: the others are reserved, and sending one throws. */
export function isSendable(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1011);
}

export function closeAs(socket: WebSocket, name: keyof typeof CLOSE_CODES): void {
  const { code, advice } = CLOSE_CODES[name];
  try {
    socket.close(code, advice);
  } catch {
    // The other end has closed it already.
  }
}
