/** Counts what goes over a link, whoever sends it. */
import type { RelayCounts } from "../control/relay-counts.ts";
import type { DialLink } from "./dial.ts";

/** In characters of frames, which are bytes but for names and texts of other alphabets. */
export function countedDial(dial: DialLink, counts: RelayCounts): DialLink {
  return (url, token, handlers) => {
    counts.add("dials");
    const socket = dial(url, token, {
      ...handlers,
      onOpen: () => {
        counts.add("links");
        handlers.onOpen();
      },
      onText: (text) => {
        counts.add("bytesReceived", text.length);
        handlers.onText(text);
      },
    });
    return {
      send: (text) => {
        counts.add("bytesSent", text.length);
        socket.send(text);
      },
      sendSoon: (text) => {
        counts.add("bytesSent", text.length);
        socket.sendSoon(text);
      },
      close: (code, reason) => socket.close(code, reason),
      abandon: () => socket.abandon(),
    };
  };
}
