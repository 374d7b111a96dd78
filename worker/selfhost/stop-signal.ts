/** Being asked to end: by Ctrl-C, by a service manager, by the terminal that goes away. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Settles at the first signal. Later ones do nothing: the end is under way, and bounded in time. */
export function stopRequested(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
  });
}
