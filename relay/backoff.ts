/** How long to wait before trying again. Pure: randomness is an argument. */

export interface BackoffPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** Dialing the worker. */
export const LINK_BACKOFF: BackoffPolicy = { firstMs: 500, maxMs: 30_000 };

/** Connecting to a socket on this machine. */
export const HOST_BACKOFF: BackoffPolicy = { firstMs: 100, maxMs: 5_000 };

/**
 * Full jitter: anything between nothing and the doubled step, so that a thousand relays that lost one
 * worker do not come back as one. `attempt` counts failures from 0; `random` is in [0, 1).
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: number): number {
  const step = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt, 20));
  return Math.round(step * random);
}
