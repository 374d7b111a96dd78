/** The presence events that a reader gets from what the team object reported. Pure. */
import type { Heard } from "../team/events/events-rpc.ts";
import type { Told } from "./followed-record.ts";

/**
 * Every relay's state for a reader that starts afresh; with a gap before it if the reader has missed more than is
 * kept.
 */
export function toldOfPresence({ events, relays, isGap, last }: Heard): Told[] {
  const reached = { seq: last };
  return [
    ...(isGap ? [{ event: "gap", data: { reason: "presence_not_kept", missed: null } }] : []),
    ...(relays ?? []).map((relay) => ({
      event: "relay",
      data: { change: "initial", ...relay },
      reached,
    })),
    ...events.map(({ seq, event, data }) => ({ event, data, reached: { seq } })),
  ];
}
