/** One AimX 3 connection, one request at a time in flight order: what a lean server on the host does. */
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";

interface Reply {
  readonly t: string;
  readonly id?: number;
  readonly ok?: unknown;
  readonly err?: string;
}

export class AimxHost {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #lastId = 1;

  constructor(socketPath: string) {
    this.#socket = createConnection(socketPath);
    this.#socket.write(
      `${JSON.stringify({ t: "req", id: 1, method: "hello", params: { version: "3.0", client: "bench" } })}\n`,
    );
    createInterface({ input: this.#socket }).on("line", (line) => {
      const reply = JSON.parse(line) as Reply;
      this.#waiting.get(reply.id ?? 0)?.(reply);
      this.#waiting.delete(reply.id ?? 0);
    });
  }

  ask(method: string, params: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, (reply) => {
        if (reply.err === undefined) resolve(reply.ok);
        else reject(new Error(reply.err));
      });
      this.#socket.write(`${JSON.stringify({ t: "req", id, method, params })}\n`);
    });
  }
}
