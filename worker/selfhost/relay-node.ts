/**
 * How Node runs a relay, here as in its unit and its container: for a small gateway, which has more processor
 * than memory to spare. On Node 24 it is a quarter less private memory, and no more CPU for a call.
 */

/** New objects in half a megabyte at a time, not in sixteen; a heap that collects before it grows. */
export const RELAY_NODE_OPTIONS = ["--max-semi-space-size=1", "--optimize-for-size"] as const;

/** Node's eight threads would each keep free memory of their own. */
export const RELAY_ENVIRONMENT = { MALLOC_ARENA_MAX: "1" } as const;
