/** How often each fault happens: once where other tests follow, more where somebody looks for what is rare. */
import { randomInt } from "node:crypto";

const rounds = Number(process.env["FAULT_ROUNDS"] ?? "1");
const seed = process.env["FAULT_SEED"];

export const isLong = rounds > 1 || seed !== undefined;
export const EACH = { repeats: rounds - 1 };

/** Of the next plan: `fixed` unless somebody looks for what is rare, or for what was found. */
export function nextSeed(fixed: number): number {
  if (seed !== undefined) return Number(seed);
  return isLong ? randomInt(2 ** 31) : fixed;
}
