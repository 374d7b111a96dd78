/**
 * A caller that closes its connection has cancelled its request (MCP 2026-07-28). The platform then drops the request as
 * it stands, its `finally`s too, unless somebody holds it.
 */
import { waitUntil } from "cloudflare:workers";
import { after, within } from "../after.ts";
import type { WorkerCalls } from "./worker-calls.ts";

/** The platform holds it for 30 s. What it drops then would never give its place back. */
const MAX_HELD_MS = 28_000;

interface Platform {
  readonly hold: (held: Promise<unknown>) => void;
  readonly timer: typeof after;
}

interface Begun {
  readonly calls: Pick<WorkerCalls, "leave">;
  /** Until it has its answer. */
  readonly handling: Promise<unknown>;
  readonly isRead: () => boolean;
  /** Frees its place; repeatable. */
  readonly end: () => void;
}

type State =
  | { readonly name: "held" }
  | { readonly name: "listening"; readonly onGone: () => void }
  | { readonly name: "over" };

/**
 * Whether the caller is still there. To listen costs more than a quick call has to spare, since a listener keeps all of
 * its request from the collector's quick rounds: until then a call is held, and gives its place back with its answer.
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

  /** A read ends at once where its caller goes, or went. A write goes on, and keeps its place as long as it is held. */
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

  /** It has its answer. */
  stop(): void {
    if (this.#state.name === "listening") {
      this.#request.signal.removeEventListener("abort", this.#state.onGone);
    }
    this.#state = { name: "over" };
  }
}
