/** Bounds of one event stream. */
import { MAX_WATCHED_RECORDS } from "#shared/link/methods/samples-watch.ts";

/** As many records of one instance as fit into one call. */
export const MAX_RECORDS = MAX_WATCHED_RECORDS;

/** Each has a question of its own in progress for as long as the stream lives. */
export const MAX_INSTANCES = 16;

/** 64 records, each with an epoch of its own, in base64. */
export const MAX_POSITION_LENGTH = 8_192;

/** Platforms and proxies cut streams that live longer; the reader opens a new one and goes on. */
export const MAX_STREAM_MS = 15 * 60_000;

/** Questions per stream. The platform allows 10 000 per request; the reader reconnects before that. */
export const MAX_CALLS = 9_000;

/** How often the right to listen is checked with the team. Each answer of a relay is decided on besides. */
export const AUTHORIZE_INTERVAL_MS = 60_000;

/**
 * A reader's end shows at the second write after it, so its place is free after ten seconds. Proxies close a
 * connection that is silent for a minute, some after half of one.
 */
export const KEEPALIVE_MS = 5_000;

/** How long one question waits at a relay: under the 25 s of the link, so that an abandoned stream is soon forgotten. */
export const WAIT_MS = 20_000;

/** How soon a reader reconnects after a cut. */
export const RETRY_MS = 1_000;
