/** A TCP proxy between a relay and its worker whose connections a test cuts, as a network does. */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { readFile, writeFile } from "node:fs/promises";

export class CuttableLink {
  readonly #sockets = new Set<Socket>();
  readonly #server;
  readonly #worker: URL;

  constructor(worker: URL) {
    this.#worker = worker;
    this.#server = createServer((socket) => this.#pass(socket));
  }

  /** Makes the enrolled relay whose `identity.json` this is dial through here. */
  async lead(identityPath: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    const identity: unknown = JSON.parse(await readFile(identityPath, "utf8"));
    const link_url = `ws://127.0.0.1:${this.#port}/relay`;
    await writeFile(identityPath, JSON.stringify({ ...Object(identity), link_url }));
  }

  /** Every connection ends at once, without a word of the protocol. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The worker answers for its own host alone, so the dial's Host header becomes that. */
  #pass(socket: Socket): void {
    const { hostname, port, host } = this.#worker;
    const onward = connect(Number(port), hostname);
    for (const end of [socket, onward]) {
      this.#sockets.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        this.#sockets.delete(end);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.once("data", (first: Buffer) => {
      const dial = first.toString("latin1").replace(/^Host: .*$/im, `Host: ${host}`);
      onward.write(Buffer.from(dial, "latin1"));
      socket.pipe(onward);
    });
    onward.pipe(socket);
  }
}
