/** What a command takes from the process, with what it prints kept. */
import { PassThrough } from "node:stream";
import type { Environment } from "../../../../relay/environment.ts";
import { CollectingLog } from "../collecting-log.ts";

export class TestEnvironment implements Environment {
  readonly variables: Record<string, string | undefined>;
  readonly hostName: string;
  readonly homeFolder: string;
  readonly userId = process.getuid?.() ?? 0;
  readonly log = new CollectingLog();
  readonly stopping = new AbortController();
  readonly stop: Environment["stop"] = this.stopping.signal;
  readonly #stdin: string;
  /** What a client writes, and what it reads. */
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly #hangupListeners = new Set<() => void>();
  printed = "";
  printedError = "";

  constructor(options: {
    homeFolder: string;
    variables?: Record<string, string | undefined>;
    hostName?: string;
    stdin?: string;
  }) {
    this.homeFolder = options.homeFolder;
    this.variables = options.variables ?? {};
    this.hostName = options.hostName ?? "gateway";
    this.#stdin = options.stdin ?? "";
  }

  readonly onHangup = (listener: () => void): (() => void) => {
    this.#hangupListeners.add(listener);
    return () => this.#hangupListeners.delete(listener);
  };

  hangUp(): void {
    for (const listener of this.#hangupListeners) listener();
  }

  readonly readStdin = async (): Promise<string> => this.#stdin;
  readonly print = (text: string): void => {
    this.printed += text;
  };
  readonly printError = (text: string): void => {
    this.printedError += text;
  };
}
