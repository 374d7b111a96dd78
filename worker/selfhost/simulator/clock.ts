/** Nanoseconds since the Unix epoch. */
export type Clock = () => bigint;

const NS_PER_MS = 1_000_000n;

/** Wall time that never steps back while the host runs. */
export function systemClock(): Clock {
  const offsetNs = BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
  return () => process.hrtime.bigint() + offsetNs;
}

export function toMs(ns: bigint): number {
  return Number(ns / NS_PER_MS);
}
