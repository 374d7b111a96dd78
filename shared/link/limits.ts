/**
 * Bounds of a link. Those of frames and fields are checked by the receiving end, whichever it is; PROTOCOL.md says who
 * keeps the others.
 */

/** One frame, either way, in UTF-8 bytes. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** Frames of one message. More than are ever under way, and a bound on a sender that makes up small ones. */
export const MAX_FRAMES_PER_MESSAGE = 256;

/** The `ok` of a reply. In place of a longer one the relay answers `too_large`. */
export const MAX_RESULT_BYTES = 256 * 1024;

/** From the open socket to `hello`, and from `hello` to `welcome`. */
export const GREETING_TIMEOUT_MS = 5_000;

/** Under the minute after which middleboxes forget an idle connection. */
export const HEARTBEAT_INTERVAL_MS = 10_000;

/** How long the relay waits for the answer to a heartbeat. */
export const HEARTBEAT_TIMEOUT_MS = 10_000;

/** How long a relay that leaves waits for `drained`. Calls under way have until their own deadlines. */
export const DRAIN_ANSWER_TIMEOUT_MS = 2_000;

/** Two heartbeats and a slow link: a session silent for longer is dead. */
export const HALF_OPEN_AFTER_MS = 25_000;

/** Calls under way on one link. One more is refused with `busy`. */
export const MAX_IN_FLIGHT = 64;

/** The longest a relay may hold back an answer to wait for samples. */
export const MAX_WAIT_MS = 25_000;

/** The longest any call may take, from the worker's frame to its reply. */
export const MAX_DEADLINE_MS = 30_000;

/** Half a frame. The relay leaves out record lists until its inventory fits. */
export const MAX_INVENTORY_BYTES = 512 * 1024;

/** Half a frame, and one instance's share of it; a worker keeps as much of each. */
export const MAX_LAST_KNOWN_BYTES = 512 * 1024;
export const MAX_LAST_KNOWN_BYTES_PER_INSTANCE = 256 * 1024;

/** More of either than a gateway has. */
export const MAX_INSTANCES = 64;
export const MAX_RECORDS_PER_INSTANCE = 2_000;

/** A record key as hosts have them is tens of bytes; type names of generic types are longer. */
export const MAX_KEY_LENGTH = 256;
export const MAX_TYPE_NAME_LENGTH = 512;

/** Free text of a peer: reasons, messages. */
export const MAX_TEXT_LENGTH = 1_000;

/** Remarks on a write that may go ahead all the same. */
export const MAX_WARNINGS = 20;

/** What a record held before a write, as JSON. It is kept with the write's outcome, on the device and at the worker. */
export const MAX_PREVIOUS_BYTES = 2_000;

/** Rules of a team's write policy that apply to one record. */
export const MAX_TEAM_LIMITS = 100;

/** Writes asked about in one frame; an outcome is a few KB at most. */
export const MAX_OUTCOMES = 64;
