/** A caller whose person is asked about each write, and takes it or not, at once or after a while. */
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { pause } from "../support/pause.ts";
import type { Decided, Traffic } from "./traffic.ts";

/** In turn. */
const DECISIONS = [
  { isYes: true, afterMs: 0 },
  { isYes: false, afterMs: 300 },
  { isYes: true, afterMs: 1_500 },
] as const;
const PAUSE_MS = 50;

export class Person {
  readonly #connect: (decide: () => Promise<boolean>) => Promise<ConnectedClient>;
  #asked = 0;
  #decided: Decided | undefined;

  constructor(connect: (decide: () => Promise<boolean>) => Promise<ConnectedClient>) {
    this.#connect = connect;
  }

  /** Writes until then, and keeps what it was told with the others. */
  async write(traffic: Traffic, untilMs: number): Promise<void> {
    const client = await this.#connect(() => this.#decide()).catch(() => undefined);
    if (client === undefined) return;
    do {
      this.#decided = undefined;
      await traffic.writeBy(client, () => this.#decided);
      await pause(PAUSE_MS);
    } while (performance.now() < untilMs);
    await client.close().catch(() => {});
  }

  async #decide(): Promise<boolean> {
    const { isYes, afterMs } = DECISIONS[this.#asked % DECISIONS.length] ?? DECISIONS[0];
    this.#asked += 1;
    await pause(afterMs);
    this.#decided = { isYes, atMs: performance.now() };
    return isYes;
  }
}
