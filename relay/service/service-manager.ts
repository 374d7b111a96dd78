/**
 * Reports the relay's state to systemd. Node has no Unix datagram sockets, so `systemd-notify` sends for it, which the
 * unit allows with NotifyAccess=all. Without systemd nothing happens.
 */
import { execFile } from "node:child_process";
import { printableLine } from "#shared/text/printable.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";

const NOTIFY_TIMEOUT_MS = 5_000;

export interface ServiceManagerOptions {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** One line for people. */
  readonly describe: () => string;
}

export class ServiceManager {
  readonly #options: ServiceManagerOptions;
  /** One at a time: the last status sent must be the last status. */
  #sending: Promise<void> = Promise.resolve();
  #cancelBeat: () => void = () => {};
  #isReady = false;
  #hasFailed = false;

  constructor(options: ServiceManagerOptions) {
    this.#options = options;
  }

  /** Ready means that the relay serves; whether it has a link is in its status. */
  ready(): Promise<void> {
    this.#isReady = true;
    this.#beat();
    return this.#send(["READY=1", this.#status()]);
  }

  statusChanged(): void {
    if (this.#isReady) void this.#send([this.#status()]);
  }

  stopping(): void {
    void this.#send(["STOPPING=1"]);
  }

  async close(): Promise<void> {
    this.#isReady = false;
    this.#cancelBeat();
    await this.#sending;
  }

  /** Twice as often as systemd wants it. A process that hangs has no timers. */
  #beat(): void {
    const { variables, clock } = this.#options;
    const intervalMs = watchdogMs(variables) / 2;
    if (!Number.isFinite(intervalMs)) return;
    this.#cancelBeat = clock.after(intervalMs, () => {
      void this.#send(["WATCHDOG=1", this.#status()]);
      this.#beat();
    });
  }

  #status(): string {
    return `STATUS=${printableLine(this.#options.describe())}`;
  }

  #send(assignments: readonly string[]): Promise<void> {
    const { variables } = this.#options;
    if ((variables["NOTIFY_SOCKET"] ?? "") === "") return Promise.resolve();
    this.#sending = this.#sending
      .then(() => notify(assignments, variables))
      .then((error) => {
        if (error === undefined || this.#hasFailed) return;
        this.#hasFailed = true;
        this.#options.log.error("service_manager_not_told", { reason: error.message });
      });
    return this.#sending;
  }
}

function notify(
  assignments: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const options = { env: { ...env }, timeout: NOTIFY_TIMEOUT_MS };
    execFile("systemd-notify", [...assignments], options, (error) => resolve(error ?? undefined));
  });
}

/** Infinity if no watchdog watches this process. */
function watchdogMs(variables: Readonly<Record<string, string | undefined>>): number {
  const { WATCHDOG_USEC: intervalUs = "", WATCHDOG_PID: watchedPid } = variables;
  if (!/^[1-9]\d{0,15}$/.test(intervalUs)) return Number.POSITIVE_INFINITY;
  if (watchedPid !== undefined && watchedPid !== String(process.pid)) {
    return Number.POSITIVE_INFINITY;
  }
  return Number(intervalUs) / 1_000;
}
