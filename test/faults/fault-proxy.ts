/**
 * A TCP proxy between a relay and its worker that does what networks do. What it can't do is lose a segment: a stall of
 * a retransmission's length stands in for that.
 */
import { createServer, connect, type AddressInfo, type Socket } from "node:net";
import { pause } from "../support/pause.ts";
import { redirectLink } from "../support/link/redirect-link.ts";

export type Weather =
  | { readonly type: "fair" }
  /**
   * Nothing arrives, either way, and no end is told. What was sent meanwhile is gone for good, and a connection that lost
   * something never carries anything again.
   */
  | { readonly type: "half_open" }
  /** Nothing arrives for now; all of it later. */
  | { readonly type: "stalled" }
  /** Each way. */
  | { readonly type: "delayed"; readonly ms: number }
  /** Each way, of one connection; what has passed is on its way for `delayMs` more. */
  | { readonly type: "slow"; readonly bytesPerS: number; readonly delayMs?: number };

/** Of a relay, and onward to the worker. */
interface Passage {
  readonly relay: Socket;
  readonly worker: Socket;
  hasLost: boolean;
}

const FAIR: Weather = { type: "fair" };

export class FaultProxy {
  readonly #sockets = new Set<Socket>();
  readonly #passages = new Set<Passage>();
  readonly #onwardPorts = new Set<number>();
  readonly #server;
  readonly #worker: URL;
  #weather: Weather = FAIR;
  #dials = 0;
  #relayEnds = 0;
  #changed: () => void = () => {};
  #untilChange: Promise<void> = Promise.resolve();

  constructor(worker: URL) {
    this.#worker = worker;
    // One way may end before the other.
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#pass(socket));
    this.become(FAIR);
  }

  /** Makes the enrolled relay whose `identity.json` this is dial through here. */
  async lead(identityPath: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    await redirectLink(identityPath, this.#port);
  }

  /** Relays' ends of connections. */
  get relayEnds(): number {
    return this.#relayEnds;
  }

  /** From which the worker was ever connected to. */
  get onwardPorts(): ReadonlySet<number> {
    return this.#onwardPorts;
  }

  /** What the worker's kernel does a quarter of an hour after the last word to a relay that is gone. */
  giveUp(): void {
    for (const { relay, worker, hasLost } of this.#passages) {
      if (hasLost && relay.destroyed) worker.destroy();
    }
  }

  /** How often a relay has dialed. */
  get dials(): number {
    return this.#dials;
  }

  become(weather: Weather): void {
    this.#weather = weather;
    this.#changed();
    this.#untilChange = new Promise((resolve) => {
      this.#changed = resolve;
    });
  }

  /** Every connection ends at once, without a word of the protocol. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.become(FAIR);
    this.cut();
    this.#server.close();
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #pass(relay: Socket): void {
    this.#dials += 1;
    this.#relayEnds += 1;
    relay.on("close", () => {
      this.#relayEnds -= 1;
    });
    const { hostname, port, host } = this.#worker;
    const worker = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    const passage = { relay, worker, hasLost: false };
    this.#passages.add(passage);
    worker.on("connect", () => {
      this.#onwardPorts.add(worker.localPort ?? 0);
    });
    for (const end of [relay, worker]) {
      this.#sockets.add(end);
      end.on("error", () => {});
      end.on("close", (hadError) => {
        this.#sockets.delete(end);
        if (end === worker) this.#passages.delete(passage);
        if (!hadError || this.#isSilent(passage)) return;
        relay.destroy();
        worker.destroy();
      });
    }
    // The worker answers for its own host alone, so the dial's Host header becomes that.
    let isFirst = true;
    this.#carry(passage, "worker", (chunk) => {
      if (!isFirst) return chunk;
      isFirst = false;
      const dial = chunk.toString("latin1").replace(/^Host: .*$/im, `Host: ${host}`);
      return Buffer.from(dial, "latin1");
    });
    this.#carry(passage, "relay", (chunk) => chunk);
  }

  /** Not even an end is told. */
  #isSilent(passage: Passage): boolean {
    passage.hasLost ||= this.#weather.type === "half_open";
    return passage.hasLost;
  }

  /** In order, each chunk when the weather lets it. */
  #carry(passage: Passage, to: "relay" | "worker", change: (chunk: Buffer) => Buffer): void {
    const from = passage[to === "relay" ? "worker" : "relay"];
    let last: Promise<number | undefined> = Promise.resolve(undefined);
    let arrived = Promise.resolve();
    from.on("data", (chunk: Buffer) => {
      const cameMs = performance.now();
      const passed = last.then(() => this.#passes(passage, chunk.length, cameMs));
      last = passed;
      arrived = arrived.then(async () => {
        const arrivesMs = await passed;
        if (arrivesMs === undefined) return;
        await pause(arrivesMs - performance.now());
        passage[to].write(change(chunk));
      });
    });
    from.on("end", () => {
      void arrived.then(() => {
        if (this.#isSilent(passage)) from.destroy();
        else passage[to].end();
      });
    });
  }

  /** Settles when the next may pass: with the time at which this one arrives, undefined where it never does. */
  async #passes(passage: Passage, bytes: number, cameMs: number): Promise<number | undefined> {
    while (this.#weather.type === "stalled") await this.#untilChange;
    if (this.#isSilent(passage)) return undefined;
    const weather = this.#weather;
    switch (weather.type) {
      case "delayed":
        return cameMs + weather.ms;
      case "slow":
        await pause((bytes / weather.bytesPerS) * 1_000);
        return performance.now() + (weather.delayMs ?? 0);
      default:
        return performance.now();
    }
  }
}
