/** A program that is kept running: restarted when it ends, unless it says that this is no use, and ended when asked. */
import { spawn, type ChildProcess } from "node:child_process";
import { open, type FileHandle } from "node:fs/promises";

export interface ProgramOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** The file that takes its output; undefined: our standard error. */
  readonly logFile: string | undefined;
  /** workerd waits for open sockets on SIGTERM, and ends at once on SIGINT. */
  readonly stopSignal: "SIGTERM" | "SIGINT";
  readonly onRestart: (message: string) => void;
  /** The exit status after which starting it again changes nothing, and what to tell then. */
  readonly final?: { readonly status: number; readonly advice: string };
}

/** After a stop signal; everything together must end within five seconds. */
const STOP_TIMEOUT_MS = 3_000;
const FIRST_RESTART_MS = 100;
const MAX_RESTART_MS = 5_000;
/** A program that ran this long did not fail at its start. */
const HEALTHY_AFTER_MS = 10_000;

export class Program {
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #failures = 0;
  #stopping = false;
  #log: FileHandle | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Of the current process. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    const { logFile } = this.#options;
    if (logFile !== undefined) this.#log = await open(logFile, "a", 0o600);
    this.#spawn();
  }

  /** Ends the process, after which it starts again. */
  restart(): void {
    if (!this.#stopping) this.#child?.kill(this.#options.stopSignal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restartTimer);
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      child.kill(this.#options.stopSignal);
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(timer);
    }
    await this.#log?.close();
  }

  /** In a process group of its own: a signal to our group reaches only us, and the parts end in order. */
  #spawn(): void {
    const { name, command, args, env } = this.#options;
    const output = this.#log?.fd ?? 2;
    const startedAt = performance.now();
    const child = spawn(command, args, {
      env,
      detached: true,
      stdio: ["ignore", output, output],
    });
    this.#child = child;
    child.once("error", (error) => this.#options.onRestart(`${name}: ${error.message}`));
    child.once("exit", (code, signal) => {
      if (this.#stopping) return;
      const { final, onRestart } = this.#options;
      const ended = `${name} ended (${signal ?? code})`;
      if (final !== undefined && code === final.status) onRestart(`${ended}. ${final.advice}`);
      else this.#restart(startedAt, ended);
    });
  }

  #restart(startedAt: number, message: string): void {
    this.#failures = performance.now() - startedAt > HEALTHY_AFTER_MS ? 0 : this.#failures + 1;
    const waitMs = Math.min(MAX_RESTART_MS, FIRST_RESTART_MS * 2 ** this.#failures);
    this.#options.onRestart(`${message}; it starts again.`);
    this.#restartTimer = setTimeout(() => this.#spawn(), waitMs);
  }
}
