/**
 * One standing connection to a host, opened again whenever it ends. An instance has two: requests
 * and subscriptions never share one, since a host loses a request that is half read when an event
 * goes out.
 *
 *   stopped --start--> dialing --welcome--> up --end--> waiting --backoff or acquire--> dialing
 *
 * Attempts count on until a connection stood for STOOD_AFTER_MS: a host that greets and hangs up must
 * not be hammered.
 */
import { ok, err, type Result } from "#shared/result.ts";
import { backoffMs, HOST_BACKOFF } from "../../backoff.ts";
import type { Clock } from "../../clock.ts";
import type { HostClose, HostConnection } from "./host-connection.ts";

const STOOD_AFTER_MS = 1_000;

export interface LaneOptions {
  readonly open: () => Promise<Result<HostConnection, HostClose>>;
  readonly clock: Clock;
  readonly random: () => number;
  /** Called before anybody gets the connection. */
  readonly onUp: (connection: HostConnection) => void;
  /** Called when the connection ended, and for each failure to open it. */
  readonly onDown: (close: HostClose) => void;
}

type Opened = Result<HostConnection, HostClose>;

type State =
  | { readonly name: "stopped" }
  | { readonly name: "dialing"; readonly attempt: number; readonly opened: Promise<Opened> }
  | { readonly name: "up"; readonly connection: HostConnection }
  | { readonly name: "waiting"; readonly attempt: number; readonly cancel: () => void };

export class Lane {
  readonly #options: LaneOptions;
  #state: State = { name: "stopped" };

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#state.name === "stopped") void this.#dial(0);
  }

  stop(): void {
    const state = this.#state;
    this.#state = { name: "stopped" };
    if (state.name === "waiting") state.cancel();
    if (state.name === "up") state.connection.close();
  }

  /** The connection, dialing at once if the lane is only waiting to try again. */
  async acquire(): Promise<Opened> {
    switch (this.#state.name) {
      case "up":
        return ok(this.#state.connection);
      case "dialing":
        return this.#state.opened;
      case "waiting":
        this.#state.cancel();
        return this.#dial(this.#state.attempt);
      case "stopped":
        return err({ reason: "local" });
    }
  }

  async #dial(attempt: number): Promise<Opened> {
    const opened = this.#options.open();
    this.#state = { name: "dialing", attempt, opened };
    const result = await opened;
    if (this.#isStopped()) {
      if (result.ok) result.value.close();
      return err({ reason: "local" });
    }
    if (result.ok) this.#stand(result.value, attempt);
    else this.#retryLater(attempt, result.error);
    return result;
  }

  #isStopped(): boolean {
    return this.#state.name === "stopped";
  }

  #stand(connection: HostConnection, attempt: number): void {
    const { clock, onUp } = this.#options;
    const sinceMs = clock.monotonicMs();
    this.#state = { name: "up", connection };
    onUp(connection);
    void connection.closed.then((close) => {
      if (this.#state.name !== "up" || this.#state.connection !== connection) return;
      const stood = clock.monotonicMs() - sinceMs >= STOOD_AFTER_MS;
      this.#retryLater(stood ? 0 : attempt, close);
    });
  }

  #retryLater(attempt: number, close: HostClose): void {
    const { clock, random, onDown } = this.#options;
    const cancel = clock.after(backoffMs(HOST_BACKOFF, attempt, random()), () => {
      void this.#dial(attempt + 1);
    });
    this.#state = { name: "waiting", attempt, cancel };
    onDown(close);
  }
}
