/** Many bare tunnels in one process, as `RelayCrowd` has relays: each answers a frame with itself, from memory. */
import { WebSocket } from "ws";
import { Lane } from "./lane.ts";
import { startLimitWorker, type LimitWorker } from "./limit/start-worker.ts";

/** Bytes of one relay's question and answer in the product. */
const PADDING = "x".repeat(80);

export class LimitCrowd {
  readonly #worker: LimitWorker;
  readonly #lane = new Lane();
  readonly #links: WebSocket[] = [];
  #nonce = 0;
  lineMs = 0;

  private constructor(worker: LimitWorker) {
    this.#worker = worker;
  }

  static async open(): Promise<LimitCrowd> {
    return new LimitCrowd(await startLimitWorker());
  }

  get size(): number {
    return this.#links.length;
  }

  async growTo(size: number): Promise<void> {
    while (this.#links.length < size) this.#links.push(await this.#dial(this.#links.length));
  }

  async askAll(): Promise<void> {
    this.#nonce += 1;
    const { text } = await this.#lane.post(
      new URL(`http://127.0.0.1:${this.#worker.port}/?tunnels=${this.size}`),
      { "content-type": "application/json" },
      JSON.stringify({ nonce: this.#nonce, padding: PADDING }),
    );
    const answers = JSON.parse(text) as readonly { readonly nonce: number }[];
    const count = answers.filter(({ nonce }) => nonce === this.#nonce).length;
    if (count !== this.size) throw new Error(`${count} of ${this.size} answered`);
  }

  async close(): Promise<void> {
    this.#lane.close();
    for (const link of this.#links) link.terminate();
    await this.#worker.stop();
  }

  #dial(n: number): Promise<WebSocket> {
    const link = new WebSocket(`ws://127.0.0.1:${this.#worker.port}/${n}`, {
      perMessageDeflate: false,
    });
    link.on("message", (data: Buffer) => {
      const send = () => link.send(data.toString("utf8"));
      if (this.lineMs === 0) send();
      else setTimeout(send, this.lineMs);
    });
    return new Promise((resolve, reject) => {
      link.on("error", reject);
      link.on("open", () => resolve(link));
    });
  }
}
