/**
 * The version of the link protocol (PROTOCOL.md). Raise it when a peer of the previous version would
 * misread a frame; a new optional field does not need it. The worker is deployed before relays are
 * updated, so it serves every version from MIN on.
 *
 * 1  the first: hello, welcome, inventory, last_known, req, reply, cancel, outcome, outcomes, drain,
 *    drained, heartbeat
 */
export const LINK_VERSION = 1;
export const MIN_LINK_VERSION = 1;

/** The WebSocket subprotocol. It names the framing, not the version, which `hello` negotiates. */
export const LINK_SUBPROTOCOL = "aimdb-relay.v1";

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

/** The highest version both speak. */
export function negotiateVersion(ours: VersionRange, theirs: VersionRange): number | undefined {
  const version = Math.min(ours.max, theirs.max);
  return version >= Math.max(ours.min, theirs.min) ? version : undefined;
}
