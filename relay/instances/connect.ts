/** Opens a Unix socket. The only file that knows how. */
import { createConnection } from "node:net";

export interface HostSocket {
  /** One write per call: hosts lose a request that arrives in pieces while an event goes out. */
  write(text: string): void;
  destroy(): void;
}

export interface HostSocketHandlers {
  readonly onOpen: () => void;
  readonly onData: (chunk: Uint8Array) => void;
  /** Called once; nothing comes after it. */
  readonly onClose: (errorCode: string | undefined) => void;
}

export type ConnectHost = (socketPath: string, handlers: HostSocketHandlers) => HostSocket;

export const connectHost: ConnectHost = (socketPath, { onOpen, onData, onClose }) => {
  const socket = createConnection({ path: socketPath });
  let errorCode: string | undefined;
  socket.on("connect", onOpen);
  socket.on("data", onData);
  socket.on("error", (error: NodeJS.ErrnoException) => {
    errorCode = error.code ?? "error";
  });
  socket.on("close", () => onClose(errorCode));
  return {
    write: (text) => socket.write(text),
    destroy: () => socket.destroy(),
  };
};
