/** Time as everything here takes it: an argument. */

export interface Clock {
  /** Never steps; the only clock that durations are measured with. Milliseconds from any origin. */
  monotonicMs(): number;
  /** May be wrong by years on a gateway. Only for what leaves the device as a time. */
  wallMs(): number;
  /** Calls back once; the returned function cancels. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
