/**
 * A caller that closes its connection has cancelled its request (MCP 2026-07-28). The platform then drops the request as
 * it stands, its `finally`s too, unless somebody holds it.
 */
import { waitUntil } from "cloudflare:workers";
import type { WorkerCalls } from "./worker-calls.ts";

interface Begun {
  readonly calls: Pick<WorkerCalls, "leave">;
  /** Until it has its answer. */
  readonly handling: Promise<unknown>;
  readonly isRead: () => boolean;
  /** Frees its place; repeatable. */
  readonly end: () => void;
}

/** A read ends at once. A write goes on, and keeps its place as long. */
export function endWithCaller(
  signal: AbortSignal,
  { calls, handling, isRead, end }: Begun,
  hold: (held: Promise<unknown>) => void = waitUntil,
): void {
  signal.addEventListener("abort", () => {
    if (isRead()) end();
    hold(Promise.allSettled([calls.leave(), handling]).then(end));
  });
}
