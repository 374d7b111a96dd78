/** `npm run …` as a script starts it. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { descendantsOf } from "./process-tree.ts";
import { noteStarted } from "./started.ts";

/** Of `npm start`, for whoever asks as much as it can. */
export const WITHOUT_CALL_LIMITS = [
  "--calls-per-minute=0",
  "--calls-in-flight=0",
  "--relay-calls-per-minute=0",
];

export interface NpmExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly afterMs: number;
}

export class NpmProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  #output = "";
  #errors = "";

  constructor(script: string, args: readonly string[], env: Record<string, string> = {}) {
    this.#child = spawn("npm", ["run", "--silent", script, "--", ...args], {
      cwd: projectPath("."),
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    noteStarted(this.#child);
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      this.#output += chunk.toString();
    });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.#errors += chunk.toString();
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => resolve({ code, signal }));
    });
  }

  get output(): string {
    return this.#output;
  }

  get errors(): string {
    return this.#errors;
  }

  /** The first line on standard output, as JSON. */
  async firstLine<T>(): Promise<T> {
    const lines = createInterface({ input: this.#child.stdout ?? process.stdin });
    const line = new Promise<string>((resolve) => {
      lines.once("line", resolve);
    });
    const ended = this.#exited.then(() => undefined);
    const first = await Promise.race([line, ended]);
    if (first === undefined) throw new Error(`npm ended: ${this.#errors}`);
    return JSON.parse(first) as T;
  }

  /** All that it started and that still runs. */
  get descendants(): number[] {
    return this.#isRunning ? descendantsOf(this.#child.pid ?? 0) : [];
  }

  /** Once it has ended its process id may be another's. */
  get #isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** To npm alone, or to its whole process group as a terminal does. */
  async end(target: "npm" | "group", signal: NodeJS.Signals = "SIGTERM"): Promise<NpmExit> {
    const startedAt = performance.now();
    const { pid = 0 } = this.#child;
    if (this.#isRunning) process.kill(target === "group" ? -pid : pid, signal);
    const exit = await this.#exited;
    return { ...exit, afterMs: performance.now() - startedAt };
  }

  async exit(): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    return this.#exited;
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
