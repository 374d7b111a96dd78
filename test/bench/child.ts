/** A process of the bench: started, awaited until it says that it is ready, ended by its id. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { connect } from "node:net";
import { noteStarted } from "../support/processes/started.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";

const END_TIMEOUT_MS = 3_000;
const READY_TIMEOUT_MS = 30_000;

export class Child {
  readonly pid: number;
  readonly #process: ChildProcess;
  #errors = "";

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    noteStarted(this.#process);
    this.#process.on("error", (error) => {
      this.#errors += String(error);
    });
    this.#process.stderr?.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-2_000);
    });
    this.pid = this.#process.pid ?? 0;
  }

  async firstLine(): Promise<string> {
    const { stdout } = this.#process;
    if (stdout === null) throw new Error("No output");
    const lines = createInterface({ input: stdout });
    const line = once(lines, "line").then(([text]) => String(text));
    const ended = once(this.#process, "exit").then(() => undefined);
    const first = await Promise.race([line, ended]);
    stdout.resume();
    if (first === undefined) throw new Error(`It ended before it was ready: ${this.#errors}`);
    return first;
  }

  async listening(port: number): Promise<void> {
    this.#process.stdout?.resume();
    const up = await waitFor(READY_TIMEOUT_MS, async () => {
      if (this.#process.exitCode !== null) throw new Error(`It ended: ${this.#errors}`);
      return (await canConnect(port)) || undefined;
    });
    if (up === undefined) throw new Error(`Nothing listens on port ${port}: ${this.#errors}`);
  }

  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill(signal);
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), END_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
