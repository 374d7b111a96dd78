/** Kept equal to package.json by a test: the relay is one file that runs without it. */
export const RELAY_VERSION = "0.1.0";
