/** Counts what goes over a link, in both directions. */
import type { RelayCounts } from "../control/relay-counts.ts";
import { receivedBytes, sentBytes } from "../traffic/frame-bytes.ts";
import type { Traffic } from "../traffic/traffic.ts";
import type { DialLink } from "./dial.ts";

/** Frames that share a message have a header counted each, a few bytes too many. */
export function countedDial(
  dial: DialLink,
  counts: RelayCounts,
  traffic: Pick<Traffic, "noteSent" | "noteReceived">,
): DialLink {
  const noteSent = (text: string) => {
    const bytes = sentBytes(text);
    counts.add("bytesSent", bytes);
    traffic.noteSent(bytes);
  };
  return (url, token, handlers) => {
    counts.add("dials");
    const socket = dial(url, token, {
      ...handlers,
      onOpen: () => {
        counts.add("links");
        handlers.onOpen();
      },
      onText: (text) => {
        const bytes = receivedBytes(text);
        counts.add("bytesReceived", bytes);
        traffic.noteReceived(bytes);
        handlers.onText(text);
      },
    });
    return {
      send: (text) => {
        noteSent(text);
        socket.send(text);
      },
      sendSoon: (text) => {
        noteSent(text);
        socket.sendSoon(text);
      },
      close: (code, reason) => socket.close(code, reason),
      abandon: () => socket.abandon(),
    };
  };
}
