/** Opens a Unix socket. The only file that knows how. */
import { createConnection } from "node:net";

export interface HostSocket {
  /** One write per call: hosts lose a request that arrives in pieces while an event goes out. */
  write(text: string): void;
  destroy(): void;
}

export interface HostSocketHandlers {
  readonly onOpen: () => void;
  /** The bytes are valid during the call only: the next read overwrites them. */
  readonly onData: (chunk: Uint8Array) => void;
  /** Called once; nothing comes after it. */
  readonly onClose: (errorCode: string | undefined) => void;
}

export type ConnectHost = (socketPath: string, handlers: HostSocketHandlers) => HostSocket;

/** One for all connections: hosts send hundreds of samples a second, and a buffer for each would be garbage. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

export const connectHost: ConnectHost = (socketPath, { onOpen, onData, onClose }) => {
  const socket = createConnection({
    path: socketPath,
    onread: {
      buffer: readBuffer,
      callback: (length, buffer) => {
        onData(buffer.subarray(0, length));
        return true;
      },
    },
  });
  let errorCode: string | undefined;
  socket.on("connect", onOpen);
  socket.on("error", (error: NodeJS.ErrnoException) => {
    errorCode = error.code ?? "error";
  });
  socket.on("close", () => onClose(errorCode));
  return {
    write: (text) => socket.write(text),
    destroy: () => socket.destroy(),
  };
};
