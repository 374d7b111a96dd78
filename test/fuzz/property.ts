/** A property of a parser: for every input it ends soon, and the check holds. */
import fc from "fast-check";
import { LONG_RUN_MS, SEED } from "./budget.ts";

/** No input of a test takes a hundredth of it; what grows with the square of its length takes more. */
const MAX_CHECK_MS = 5_000;

export interface Property {
  readonly name: string;
  readonly run: () => Promise<void>;
}

export function property<T>(
  name: string,
  { inputs, runs }: { readonly inputs: fc.Arbitrary<T>; readonly runs: number },
  check: (input: T) => void | Promise<void>,
): Property {
  const timed = async (input: T) => {
    const startedAt = performance.now();
    await check(input);
    const tookMs = performance.now() - startedAt;
    if (tookMs > MAX_CHECK_MS) throw new Error(`It took ${Math.round(tookMs)} ms`);
  };
  const extent =
    LONG_RUN_MS === undefined
      ? { numRuns: runs }
      : { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: LONG_RUN_MS };
  return {
    name,
    run: () => fc.assert(fc.asyncProperty(inputs, timed), { seed: SEED, ...extent }),
  };
}
