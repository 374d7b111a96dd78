/** How long each property is tried, and from which seed: `npm run fuzz -- --minutes N` sets both. */
import * as z from "zod/mini";

/** Everything that is tried, here and against workerd; a test counts. */
export const PROPERTY_COUNT = 18;

/** So that a run in CI can be run again. */
const FIXED_SEED = 20_261_120;

const settings = z
  .object({
    FUZZ_SEED: z.optional(z.coerce.number().check(z.int())),
    FUZZ_MINUTES: z.optional(z.coerce.number().check(z.positive())),
  })
  .parse(process.env);

export const SEED = settings.FUZZ_SEED ?? FIXED_SEED;

/** Of one property; undefined: its own number of runs. */
export const LONG_RUN_MS =
  settings.FUZZ_MINUTES === undefined
    ? undefined
    : (settings.FUZZ_MINUTES * 60_000) / PROPERTY_COUNT;

/** Beside the run itself: what a failure takes to be made small. */
export const TEST_TIMEOUT_MS = (LONG_RUN_MS ?? 0) + 120_000;
