/** Waits for an event, always with an end. */
import type { Clock } from "./clock.ts";

export interface WaitOptions {
  readonly clock: Clock;
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Settles when the callback given to `listen` is called, when `waitMs` is over, or when `signal`
 * aborts, whichever is first; then calls what `listen` returned. It never rejects.
 */
export async function waitUntil(
  { clock, waitMs, signal }: WaitOptions,
  listen: (finish: () => void) => () => void,
): Promise<void> {
  if (waitMs <= 0 || signal?.aborted === true) return;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const unlisten = listen(finish);
  const cancel = clock.after(waitMs, finish);
  signal?.addEventListener("abort", finish, { once: true });
  await finished;
  unlisten();
  cancel();
  signal?.removeEventListener("abort", finish);
}

/** Waits until a promise settles, either way. */
export function waitUntilSettled(asked: Promise<unknown>, options: WaitOptions): Promise<void> {
  return waitUntil(options, (finish) => {
    asked.then(finish, finish);
    return () => {};
  });
}
