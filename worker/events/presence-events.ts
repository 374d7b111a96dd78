/** What a reader is told of what the team object heard. Pure. */
import type { Heard } from "../team/events/events-rpc.ts";
import type { Told } from "./followed-record.ts";

/** Each relay as it is where it comes anew; with a gap before it where it has missed more than is kept. */
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
