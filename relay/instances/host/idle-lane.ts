/**
 * A connection to a host for requests that would hold up the standing ones, or that have a cursor of their own: opened
 * on use, closed when unused for a while. A host has 16 for everybody.
 */
import { ok, type Result } from "#shared/result.ts";
import type { Clock } from "../../clock.ts";
import type { HostClose, HostConnection } from "./host-connection.ts";

export const IDLE_CLOSE_MS = 60_000;

interface IdleLaneOptions {
  readonly open: () => Promise<Result<HostConnection, HostClose>>;
  readonly clock: Clock;
}

type Opened = Result<HostConnection, HostClose>;

export class IdleLane {
  readonly #options: IdleLaneOptions;
  #opened: Promise<Opened> | undefined;
  #users = 0;
  #cancelClose: () => void = () => {};

  constructor(options: IdleLaneOptions) {
    this.#options = options;
  }

  /** Never repeated: nobody knows what a broken connection did with a request. */
  async use<T>(ask: (connection: HostConnection) => Promise<T>): Promise<Result<T, HostClose>> {
    this.#users += 1;
    this.#cancelClose();
    try {
      const opened = await (this.#opened ?? this.#open());
      return opened.ok ? ok(await ask(opened.value)) : opened;
    } finally {
      this.#users -= 1;
      if (this.#users === 0) this.#closeLater();
    }
  }

  closeIfIdle(): void {
    if (this.#users === 0) this.close();
  }

  close(): void {
    const opened = this.#opened;
    this.#opened = undefined;
    this.#cancelClose();
    void opened?.then((connection) => {
      if (connection.ok) connection.value.close();
    });
  }

  #open(): Promise<Opened> {
    const opening = this.#options.open();
    this.#opened = opening;
    const forget = () => {
      if (this.#opened === opening) this.#opened = undefined;
    };
    void opening.then((opened) => {
      if (opened.ok) void opened.value.closed.then(forget);
      else forget();
    }, forget);
    return opening;
  }

  #closeLater(): void {
    if (this.#opened === undefined) return;
    this.#cancelClose = this.#options.clock.after(IDLE_CLOSE_MS, () => this.close());
  }
}
