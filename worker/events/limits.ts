/** Bounds of one event stream. */
import { MAX_WATCHED_RECORDS } from "#shared/link/methods/samples-watch.ts";

/** All of one instance fit into one call. */
export const MAX_RECORDS = MAX_WATCHED_RECORDS;

/** Each has a question of its own under way for as long as the stream lives. */
export const MAX_INSTANCES = 16;

/** 64 records, each with an epoch of its own, in base64. */
export const MAX_POSITION_LENGTH = 8_192;

/** Platforms and proxies cut streams that live longer; the reader opens a new one and goes on. */
export const MAX_STREAM_MS = 15 * 60_000;

/** Questions of one stream. The platform allows one request 10 000; before that the reader comes anew. */
export const MAX_CALLS = 9_000;

/** Who may listen is asked again so often, beside each answer of a relay, which is decided on anyway. */
export const AUTHORIZE_INTERVAL_MS = 60_000;

/**
 * That a reader is gone shows at the second write behind it, so its place is free after ten seconds. Proxies
 * would close what is silent for a minute, some for half of one.
 */
export const KEEPALIVE_MS = 5_000;

/** One question's wait at a relay: under the 25 s of the link, so that a left stream is soon forgotten. */
export const WAIT_MS = 20_000;

/** How soon a reader comes back after a cut. */
export const RETRY_MS = 1_000;
