/** What a relay of version 1 may have or lack; its `hello` names what it has. */

/** One call that waits for samples of many records. */
export const WATCH_FEATURE = "samples.watch";

/** Of this release's relay. */
export const RELAY_FEATURES: readonly string[] = [WATCH_FEATURE];

/** Far more than there will be between two versions. */
export const MAX_FEATURES = 32;
export const MAX_FEATURE_LENGTH = 40;
