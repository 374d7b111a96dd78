/** A program at a Unix socket that is no AimDB, or one that misbehaves as no simulator does. */
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { freshFolder } from "../device/fresh-folder.ts";

export interface ScriptedSocket {
  readonly socketPath: string;
  readonly connectionCount: number;
  /** Everything that was ever written to it. */
  readonly received: string;
}

type Play = (socket: Socket, line: string) => void;

/** `play` hears each line. `greet` may speak first. */
export async function startSocket(
  play: Play = () => {},
  greet: (socket: Socket) => void = () => {},
): Promise<ScriptedSocket> {
  const socketPath = join(await freshFolder(), "other.sock");
  const state = { socketPath, connectionCount: 0, received: "" };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    state.connectionCount += 1;
    open.add(socket);
    socket.setEncoding("utf8");
    socket.on("error", () => {});
    let partial = "";
    socket.on("data", (text: string) => {
      state.received += text;
      const lines = (partial + text).split("\n");
      partial = lines.pop() ?? "";
      for (const line of lines) play(socket, line);
    });
    greet(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(socketPath, resolve);
  });
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return state;
}

interface PlainRequest {
  readonly id: number;
  readonly method: string;
  readonly params?: Record<string, unknown>;
}

/** What an AimX 1 host answers to a request: a result, an error code, or nothing at all. */
export type PlainAnswer =
  | { readonly result: unknown }
  | { readonly error: { readonly code: string; readonly message: string } }
  | undefined;

/** An AimX 1 host that answers as told. */
export function startPlainHost(
  answer: (request: PlainRequest, socket: Socket) => PlainAnswer,
): Promise<ScriptedSocket> {
  const greeted = new WeakSet<Socket>();
  return startSocket((socket, line) => {
    if (!greeted.has(socket)) {
      greeted.add(socket);
      socket.write(`${PLAIN_WELCOME}\n`);
      return;
    }
    const request = JSON.parse(line) as PlainRequest;
    const answered = answer(request, socket);
    if (answered !== undefined) {
      socket.write(`${JSON.stringify({ id: request.id, ...answered })}\n`);
    }
  });
}

const PLAIN_WELCOME = JSON.stringify({
  version: "1.0",
  server: "aimdb",
  permissions: ["read", "write"],
  writable_records: [],
  max_subscriptions: 8,
  authenticated: false,
});

export const METHOD_NOT_FOUND: PlainAnswer = {
  error: { code: "method_not_found", message: "Unknown method" },
};
