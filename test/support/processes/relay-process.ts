/** The built relay as a process of its own, as on an operator's machine. */
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "smol-toml";
import { waitFor } from "../../../worker/selfhost/process/wait-for.ts";
import { RELAY_BUNDLE } from "../../../worker/selfhost/project.ts";

const run = promisify(execFile);

const STARTED_WITHIN_MS = 10_000;

export interface RelayOptions {
  readonly folder: string;
  readonly name: string;
  /** Keys of the relay's config file. */
  readonly config: Record<string, unknown>;
  /** Of its environment, beside those that every relay here has. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly node?: string;
  readonly bundle?: string;
}

export class RelayProcess {
  readonly name: string;
  readonly #options: RelayOptions;
  #child: ChildProcess | undefined;
  #log = "";

  private constructor(options: RelayOptions) {
    this.#options = options;
    this.name = options.name;
  }

  static async enroll(
    options: RelayOptions,
    { url, joinToken }: { url: URL; joinToken: string },
  ): Promise<RelayProcess> {
    const relay = new RelayProcess(options);
    await mkdir(options.folder, { recursive: true });
    await writeFile(relay.#configPath, stringify(options.config));
    await relay.command(["enroll", url.href, "--name", options.name], {
      AIMDB_JOIN_TOKEN: joinToken,
    });
    return relay;
  }

  /** One whose folder is there already: a copy of another's. */
  static of(options: RelayOptions): RelayProcess {
    return new RelayProcess(options);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Everything it wrote so far. */
  get log(): string {
    return this.#log;
  }

  start(): void {
    const child = spawn(this.#node, [this.#bundle, "run", "--config", this.#configPath], {
      env: this.#environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.setEncoding("utf8");
    child.stderr.on("data", (text: string) => {
      this.#log += text;
    });
    this.#child = child;
  }

  /** SIGTERM unless told otherwise; settles with the exit status when the process has ended. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const child = this.#child;
    const isOver = child !== undefined && (child.exitCode ?? child.signalCode) !== null;
    if (child === undefined || isOver) return child?.exitCode ?? null;
    const ended = new Promise<number | null>((resolve) => {
      child.once("exit", (code) => resolve(code));
    });
    child.kill(signal);
    return ended;
  }

  /** Reads nothing any more, until it goes on. */
  hang(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Once it runs: at its start a hangup would end it. */
  async dialNow(): Promise<void> {
    // Without a link it answers too, and ends with 1.
    const answers = () =>
      this.command(["status"]).catch(({ stdout }: { stdout?: string }) => stdout || undefined);
    await waitFor(STARTED_WITHIN_MS, answers);
    this.#child?.kill("SIGHUP");
  }

  async command(args: string[], env: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run(
      this.#node,
      [this.#bundle, ...args, "--config", this.#configPath],
      {
        env: { ...this.#environment, ...env },
      },
    );
    return stdout;
  }

  get #node(): string {
    return this.#options.node ?? process.execPath;
  }

  get #bundle(): string {
    return this.#options.bundle ?? RELAY_BUNDLE;
  }

  get #configPath(): string {
    return join(this.#options.folder, "config.toml");
  }

  get #environment(): NodeJS.ProcessEnv {
    return {
      ...this.#options.variables,
      PATH: process.env["PATH"],
      STATE_DIRECTORY: join(this.#options.folder, "state"),
    };
  }
}
