/** What an end of version 1 may have or lack; a relay's `hello` and a worker's `welcome` name what they have. */

/** One call that waits for samples of many records. */
export const WATCH_FEATURE = "samples.watch";

/** Long frames may come in parts (parts.ts). */
export const PARTS_FEATURE = "parts";

/** A gap may have the reason `link_slow`. */
export const LINK_SLOW_FEATURE = "link_slow";

/** A gap may have the reason `budget`. */
export const BUDGET_FEATURE = "budget";

/** This release's relay. */
export const RELAY_FEATURES: readonly string[] = [WATCH_FEATURE];

/** This release's worker. */
export const WORKER_FEATURES: readonly string[] = [
  PARTS_FEATURE,
  LINK_SLOW_FEATURE,
  BUDGET_FEATURE,
];

/** Far more than there will be between two versions. */
export const MAX_FEATURES = 32;
export const MAX_FEATURE_LENGTH = 40;
