/** A raw client of a Unix socket: text out, lines in, and a deadline on everything it waits for. */

import { connect } from "node:net";
import type { Socket } from "node:net";

const DEADLINE_MS = 5_000;

export type Ending = "end" | "error";

export class SocketClient {
  readonly #socket: Socket;
  #received = "";
  #lines: string[] = [];
  #ending: Ending | undefined;
  #isConnected = false;
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(path: string) {
    this.#socket = connect({ path, allowHalfOpen: true });
    this.#socket.on("connect", () => {
      this.#isConnected = true;
      this.#wake();
    });
    this.#socket.on("data", (bytes) => {
      const parts = (this.#received + bytes.toString("utf8")).split("\n");
      this.#received = parts.pop() ?? "";
      this.#lines.push(...parts);
      this.#wake();
    });
    this.#socket.on("end", () => {
      this.#ending ??= "end";
      this.#wake();
    });
    this.#socket.on("error", (error) => {
      this.#ending ??= "error";
      this.#failure = error;
      this.#wake();
    });
  }

  async connected(): Promise<this> {
    await this.#until(() => this.#isConnected || this.#ending !== undefined, "a connection");
    if (!this.#isConnected && this.#failure !== undefined) throw this.#failure;
    return this;
  }

  /** In one write, newlines included. */
  send(...lines: readonly string[]): void {
    this.sendText(lines.map((line) => `${line}\n`).join(""));
  }

  sendText(text: string): void {
    this.#socket.write(text);
  }

  async line(): Promise<string> {
    await this.#until(() => this.#lines.length > 0 || this.#ending !== undefined, "a line");
    const line = this.#lines.shift();
    if (line === undefined) throw new Error("The connection ended before a line came");
    return line;
  }

  async ask(line: string): Promise<string> {
    this.send(line);
    return await this.line();
  }

  /** How the host ended the connection. */
  async ended(): Promise<Ending> {
    await this.#until(() => this.#ending !== undefined, "the end");
    return this.#ending ?? "end";
  }

  /** Lines that have arrived and were not asked for yet. */
  get waiting(): readonly string[] {
    return this.#lines;
  }

  /** What came behind the last newline. */
  get rest(): string {
    return this.#received;
  }

  stopReading(): void {
    this.#socket.pause();
  }

  readAgain(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => {
        reject(new Error(`Waited ${DEADLINE_MS} ms for ${what}`));
      }, DEADLINE_MS);
      const check = (): void => {
        if (!isSo()) return;
        clearTimeout(deadline);
        this.#wake = () => {};
        resolve();
      };
      this.#wake = check;
      check();
    });
  }
}
