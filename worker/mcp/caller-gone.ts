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

/**
 * A read ends at once. A write goes on, and keeps its place as long as it is held. What it returns stops listening: a
 * listener that stays keeps all of its request from the collector's quick rounds.
 */
export function endWithCaller(
  signal: AbortSignal,
  { calls, handling, isRead, end }: Begun,
  { hold, timer }: Platform = { hold: waitUntil, timer: after },
): () => void {
  const onGone = () => {
    if (isRead()) end();
    const ended = Promise.allSettled([calls.leave(), handling]);
    hold(within(MAX_HELD_MS, ended, timer).then(end));
  };
  // While its request was read and admitted it could go, too.
  if (signal.aborted) onGone();
  else signal.addEventListener("abort", onGone);
  return () => signal.removeEventListener("abort", onGone);
}
