/** One AimX connection on a real socket: promises over the pure `AimxConnection`, one timer. */
import { REQUEST_TIMEOUT_MS } from "#shared/aimx/limits.ts";
import {
  AimxConnection,
  type AimxEvent,
  type CloseReason,
  type RequestFailure,
  type Sample,
} from "#shared/aimx/connection.ts";
import type { Dialect } from "#shared/aimx/dialect.ts";
import type { HelloForm } from "#shared/aimx/greeting.ts";
import type { HostRequest } from "#shared/aimx/host-request.ts";
import type { Welcome } from "#shared/aimx/welcome.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { Clock } from "../../clock.ts";
import type { ConnectHost, HostSocket } from "./connect.ts";

/** Our name in the greeting; a host only logs it. */
const CLIENT_NAME = "aimdb-relay";

export type HostClose =
  | CloseReason
  | { readonly reason: "socket"; readonly errorCode: string }
  /** The path is not, or no longer, a socket that may be opened. */
  | { readonly reason: "untrusted"; readonly message: string };

/** `sent` is false only if no byte of the request can have reached the host. */
export type HostCallFailure =
  | Exclude<RequestFailure, { type: "closed" }>
  | { readonly type: "closed"; readonly close: HostClose; readonly sent: boolean };

export interface OpenOptions {
  readonly socketPath: string;
  readonly connect: ConnectHost;
  readonly clock: Clock;
  /** Connecting and greeting together. */
  readonly timeoutMs: number;
  readonly form?: HelloForm;
}

export class HostConnection {
  readonly welcome: Welcome;
  readonly dialect: Dialect;
  /** Resolves when the connection has ended, with the reason. */
  readonly closed: Promise<HostClose>;
  readonly #wire: Wire;

  private constructor(wire: Wire, welcome: Welcome, dialect: Dialect) {
    this.#wire = wire;
    this.welcome = welcome;
    this.dialect = dialect;
    this.closed = wire.closed;
  }

  static async open(options: OpenOptions): Promise<Result<HostConnection, HostClose>> {
    const wire = new Wire(options);
    const first = await Promise.race([wire.welcomed, wire.closed]);
    if ("reason" in first) return err(first);
    return ok(new HostConnection(wire, first.welcome, first.dialect));
  }

  /**
   * A request that times out ends the connection, and with it what others asked on it, so callers' deadlines must not
   * be used here.
   */
  request<T>(
    make: (dialect: Dialect) => HostRequest<T>,
    timeoutMs = REQUEST_TIMEOUT_MS,
  ): Promise<Result<T, HostCallFailure>> {
    return this.#wire.request(make, timeoutMs);
  }

  /** Samples of this connection's subscriptions. Set it before the first `subscribe`. */
  set onSample(listener: (sample: Sample) => void) {
    this.#wire.onSample = listener;
  }

  close(): void {
    this.#wire.close();
  }
}

/** How a socket fails if the peer closed it while we wrote, as a host at its cap does. */
const ENDED_BY_PEER: ReadonlySet<string> = new Set(["EPIPE", "ECONNRESET"]);

/** The socket, the state machine and the timer, kept in step. */
class Wire {
  onSample: (sample: Sample) => void = () => {};
  readonly welcomed: Promise<{ welcome: Welcome; dialect: Dialect }>;
  readonly closed: Promise<HostClose>;
  readonly #clock: Clock;
  readonly #connection: AimxConnection;
  readonly #socket: HostSocket;
  readonly #resolveWelcomed: (welcome: { welcome: Welcome; dialect: Dialect }) => void;
  readonly #resolveClosed: (close: HostClose) => void;
  #socketError: string | undefined;
  #cancelTimer: (() => void) | undefined;
  #timerAtMs = Number.POSITIVE_INFINITY;

  constructor({ socketPath, connect, clock, timeoutMs, form = "hybrid" }: OpenOptions) {
    ({ promise: this.welcomed, resolve: this.#resolveWelcomed } = defer());
    ({ promise: this.closed, resolve: this.#resolveClosed } = defer());
    this.#clock = clock;
    this.#connection = new AimxConnection({
      form,
      client: CLIENT_NAME,
      helloDeadlineMs: clock.monotonicMs() + timeoutMs,
    });
    this.#socket = connect(socketPath, {
      onOpen: () => this.#socket.write(this.#connection.hello),
      onData: (chunk) => this.#perform(this.#connection.receive(chunk)),
      onClose: (errorCode) => {
        this.#socketError = errorCode;
        this.#perform(this.#connection.end());
      },
    });
    this.#arm();
  }

  request<T>(
    make: (dialect: Dialect) => HostRequest<T>,
    timeoutMs: number,
  ): Promise<Result<T, HostCallFailure>> {
    return new Promise((resolve) => {
      let sent = false;
      const text = this.#connection.request(
        make,
        this.#clock.monotonicMs() + timeoutMs,
        (outcome) => {
          resolve(outcome.ok ? outcome : err(this.#describe(outcome.error, sent)));
        },
      );
      if (text === "") return;
      sent = true;
      this.#socket.write(text);
      this.#arm();
    });
  }

  close(): void {
    this.#perform(this.#connection.close());
  }

  #describe(failure: RequestFailure, sent: boolean): HostCallFailure {
    if (failure.type !== "closed") return failure;
    return { type: "closed", close: this.#closeOf(failure.close), sent };
  }

  /** A socket's error says more than "it ended", except for errors that mean the peer ended it. */
  #closeOf(close: CloseReason): HostClose {
    if (this.#socketError === undefined || ENDED_BY_PEER.has(this.#socketError)) return close;
    return { reason: "socket", errorCode: this.#socketError };
  }

  #perform(events: readonly AimxEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "welcome":
          this.#resolveWelcomed(event);
          break;
        case "sample":
          this.onSample(event.sample);
          break;
        case "closed":
          this.#cancelTimer?.();
          this.#socket.destroy();
          this.#resolveClosed(this.#closeOf(event.close));
          break;
      }
    }
  }

  /** One timer for the earliest deadline. A later one found on waking arms it again. */
  #arm(): void {
    const dueMs = this.#connection.nextDeadlineMs();
    if (dueMs === undefined || dueMs >= this.#timerAtMs) return;
    this.#cancelTimer?.();
    this.#timerAtMs = dueMs;
    this.#cancelTimer = this.#clock.after(dueMs - this.#clock.monotonicMs(), () => {
      this.#timerAtMs = Number.POSITIVE_INFINITY;
      this.#perform(this.#connection.expire(this.#clock.monotonicMs()));
      this.#arm();
    });
  }
}

function defer<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
