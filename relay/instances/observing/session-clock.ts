/** Times of the relay's monotonic clock as the link has them: from when `hello` was sent. */

/** To the microsecond: more digits mean nothing and cost bytes. */
export function toSessionMs(atMs: number, sessionStartMs: number): number {
  return Math.round((atMs - sessionStartMs) * 1000) / 1000;
}
