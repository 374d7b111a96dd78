/** A line as the command line names it: `64kbit`, `600ms`, or both with a comma between. Pure. */
import type { Weather } from "../faults/fault-proxy.ts";

export type Line = Extract<Weather, { readonly type: "slow" | "delayed" }>;

const BYTES_PER_KBIT = 1_000 / 8;

/** Each way. Undefined where it names none. */
export function parseLine(text: string): Line | undefined {
  const [, kbit, ms] = /^(?:(\d+)kbit)?(?:(?:^|(?<=t),)(\d+)ms)?$/.exec(text) ?? [];
  const delayMs = Number(ms ?? 0);
  if (Number(kbit) > 0) return { type: "slow", bytesPerS: Number(kbit) * BYTES_PER_KBIT, delayMs };
  return kbit === undefined && delayMs > 0 ? { type: "delayed", ms: delayMs } : undefined;
}
