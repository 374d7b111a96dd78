import type { Reader, Sample } from "../../../../../worker/selfhost/simulator/database/buffer.ts";

export function sample(n: number): Sample {
  return { value: BigInt(n), declared: String(n), sorted: String(n) };
}

/** What a reader still finds, as `text` or `text+skipped`. */
export function readAll(reader: Reader): readonly string[] {
  const found: string[] = [];
  for (let taken = reader.take(); taken !== undefined; taken = reader.take()) {
    found.push(taken.sample.declared + (taken.skipped > 0 ? `+${taken.skipped}` : ""));
  }
  return found;
}
