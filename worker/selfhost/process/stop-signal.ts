/** How the process is asked to end: by Ctrl-C, by a service manager, by its terminal closing. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Settles at the first signal. Later ones do nothing: the end has begun, and takes a bounded time. */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
  });
}
