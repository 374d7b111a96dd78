/**
 * A caller that closes its connection has cancelled its request (MCP 2026-07-28). The platform then drops the
 * request where it stands, without running its `finally` blocks, unless something holds it.
 */
import { waitUntil } from "cloudflare:workers";
import { after, within } from "../../after.ts";
import type { WorkerCalls } from "../calls/worker-calls.ts";

/** The platform holds a request for 30 s. Work dropped then would never free its place. */
const MAX_HELD_MS = 28_000;

interface Platform {
  readonly hold: (held: Promise<unknown>) => void;
  readonly timer: typeof after;
}

interface Begun {
  readonly calls: Pick<WorkerCalls, "leave">;
  /** Settles when the request has its answer. */
  readonly handling: Promise<unknown>;
  readonly isRead: () => boolean;
  /** Frees the caller's place; may be called again. */
  readonly end: () => void;
}

type State =
  | { readonly name: "held" }
  | { readonly name: "listening"; readonly onGone: () => void }
  | { readonly name: "over" };

/**
 * Whether the caller is still there. Listening costs more than a quick call has to spare, because a listener keeps
 * its whole request from the collector's quick rounds: until it listens, a call is only held, and frees its place
 * with its answer.
 */
export class Caller {
  readonly #request: Pick<Request, "signal">;
  readonly #platform: Platform;
  #state: State = { name: "held" };

  constructor(
    request: Pick<Request, "signal">,
    platform: Platform = { hold: waitUntil, timer: after },
  ) {
    this.#request = request;
    this.#platform = platform;
  }

  hold(handling: Promise<unknown>): void {
    this.#platform.hold(Promise.allSettled([handling]));
  }

  /**
   * A read ends at once when its caller goes, or has gone. A write continues, and keeps its place as long as it is
   * held.
   */
  listen({ calls, handling, isRead, end }: Begun): void {
    if (this.#state.name !== "held") return;
    const { hold, timer } = this.#platform;
    const onGone = () => {
      if (isRead()) end();
      const ended = Promise.allSettled([calls.leave(), handling]);
      hold(within(MAX_HELD_MS, ended, timer).then(end));
    };
    this.#state = { name: "listening", onGone };
    const { signal } = this.#request;
    if (signal.aborted) onGone();
    else signal.addEventListener("abort", onGone);
  }

  /** The request has its answer. */
  stop(): void {
    if (this.#state.name === "listening") {
      this.#request.signal.removeEventListener("abort", this.#state.onGone);
    }
    this.#state = { name: "over" };
  }
}
