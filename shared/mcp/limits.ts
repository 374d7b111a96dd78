/** Bounds of what a model is given and may ask. */

/** A result by default. Clients cut or store away what is longer: the lowest cut seen is 12 KB. */
export const DEFAULT_RESULT_BYTES = 10_000;

/** At the caller's wish. At about 50 KB clients stop showing results to the model. */
export const MAX_RESULT_BYTES = 48_000;

/** One text of a device. Longer ones are cut, and say so. */
export const MAX_STRING_LENGTH = 4_096;

/** A device's reason or message beside other things. */
export const MAX_REASON_LENGTH = 300;

/** One call's share of what a request to the platform may start. */
export const MAX_TARGETS = 50;

/** The longest one call waits for samples; several clients give up at 60 s. */
export const MAX_CALL_WAIT_MS = 25_000;

export const DEFAULT_SUBSCRIPTION_S = 60;
export const MAX_SUBSCRIPTION_S = 3_600;
