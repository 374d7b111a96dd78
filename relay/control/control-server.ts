/** The Unix socket at which a running relay answers its owner. Bounded in time, size and number. */
import { errorText } from "#shared/text/error-text.ts";
import { chmod, lstat, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname, join } from "node:path";
import type { JsonValue } from "#shared/json/json.ts";
import type { Clock } from "../clock.ts";
import {
  controlRequestSchema,
  MAX_REQUEST_BYTES,
  type ControlHandlers,
  type ControlRequest,
} from "./request.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** A person at a terminal and a health check at a time; more is somebody's mistake. */
const MAX_CONNECTIONS = 8;

/**
 * From the connection to the whole request, and again from the answer to its end; in between, the handler's own bound
 * applies.
 */
const IDLE_TIMEOUT_MS = 5_000;

const OWNER_ONLY = 0o600;
const NEWLINE = 0x0a;

export interface ControlServerOptions {
  readonly path: string;
  readonly handlers: ControlHandlers;
  readonly clock: Clock;
}

export class ControlServer {
  readonly #server: Server;
  readonly #path: string;
  readonly #file: number;

  private constructor(server: Server, path: string, file: number) {
    this.#server = server;
    this.#path = path;
    this.#file = file;
  }

  /**
   * Replaces what is at the path. The socket is made in a folder that nobody else can enter and is moved once its mode
   * is set, so that it can't be opened by others for a moment either.
   */
  static async open({ path, handlers, clock }: ControlServerOptions): Promise<ControlServer> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const folder = await mkdtemp(join(dirname(path), ".c-"));
    try {
      const fresh = join(folder, "s");
      const server = await listen(fresh, (socket) => serve(socket, handlers, clock));
      await chmod(fresh, OWNER_ONLY);
      const { ino } = await lstat(fresh);
      await rename(fresh, path);
      return new ControlServer(server, path, ino);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async close(): Promise<void> {
    this.#server.close();
    // A relay that started meanwhile has its own socket there.
    const found = await lstat(this.#path).catch(() => undefined);
    if (found?.ino === this.#file) await rm(this.#path, { force: true });
  }
}

async function listen(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onConnection);
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  // A process that ends does not wait for it.
  server.unref();
  return server;
}

/** One request, one answer, and the connection is over. */
function serve(socket: Socket, handlers: ControlHandlers, clock: Clock): void {
  let received = Buffer.alloc(0);
  let cancel = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy());
  socket.unref();
  socket.on("error", () => socket.destroy());
  socket.on("close", () => cancel());
  socket.on("data", (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    const end = received.indexOf(NEWLINE);
    if (end === -1 && received.length <= MAX_REQUEST_BYTES) return;
    cancel();
    socket.removeAllListeners("data");
    socket.resume();
    const line = end === -1 ? "" : received.toString("utf8", 0, Math.min(end, MAX_REQUEST_BYTES));
    void answer(line, handlers).then((text) => {
      if (socket.destroyed) return;
      cancel = clock.after(IDLE_TIMEOUT_MS, () => socket.destroy());
      socket.end(`${text}\n`);
    });
  });
}

async function answer(line: string, handlers: ControlHandlers): Promise<string> {
  const request = parseRequest(line);
  if (request === undefined) return JSON.stringify({ error: "This relay knows no such request." });
  try {
    return JSON.stringify({ ok: await handle(request, handlers) });
  } catch (error) {
    return JSON.stringify({ error: errorText(error) });
  }
}

function handle(request: ControlRequest, handlers: ControlHandlers): Promise<JsonValue> {
  switch (request.ask) {
    case "status":
      return handlers.status(request);
    case "writes":
      return handlers.writes(request);
    case "decide":
      return handlers.decide(request);
  }
}

function parseRequest(line: string): ControlRequest | undefined {
  try {
    const parsed = safeParse(controlRequestSchema, JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
