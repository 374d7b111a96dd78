/** An object's link, its sockets and its storage, without the object. */
import { encodeFrame } from "#shared/link/frame.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import { CallTraces } from "../../../worker/relay/calls/call-traces.ts";
import { LinkCounts, type LinkTotals } from "../../../worker/relay/link/link-counts.ts";
import { RelayLink } from "../../../worker/relay/link/link.ts";
import { ShortLinks } from "../../../worker/relay/dial/short-links.ts";
import { HELLO } from "./scripted-relay.ts";

const CONTINUITY = "c".repeat(43);

/** The object's end of a socket: keeps what is sent and how it is closed. */
export class ObjectSocket {
  readonly sent: string[] = [];
  readonly closes: number[] = [];
  attached: unknown;

  constructor(attached: unknown = null) {
    this.attached = attached;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(code: number): void {
    this.closes.push(code);
  }

  serializeAttachment(value: unknown): void {
    this.attached = structuredClone(value);
  }

  deserializeAttachment(): unknown {
    return this.attached;
  }
}

/** An object's link, its sockets and its storage, with the generation its row has on waking. */
export class LinkBench {
  generation: number;
  heartbeatAt: Date | null = null;
  readonly offlineSince: number[] = [];
  /** Call ids of writes that only the device can tell about, and what it told. */
  unresolved: string[] = [];
  readonly remembered: RememberedWrite[] = [];
  /** What was counted, when what is due is done. */
  readonly told: LinkTotals[] = [];
  readonly due: (() => void)[] = [];
  readonly link: RelayLink;

  constructor(sockets: ObjectSocket[] = [], generation = 0, offlineSinceMs: number | null = null) {
    this.generation = generation;
    const state: Pick<
      DurableObjectState,
      | "getWebSockets"
      | "acceptWebSocket"
      | "setWebSocketAutoResponse"
      | "getWebSocketAutoResponseTimestamp"
    > = {
      getWebSockets: () => sockets as unknown as WebSocket[],
      acceptWebSocket: (socket) => void sockets.push(socket as unknown as ObjectSocket),
      setWebSocketAutoResponse: () => {},
      getWebSocketAutoResponseTimestamp: () => this.heartbeatAt,
    };
    this.link = new RelayLink(
      state as DurableObjectState,
      {
        shortLinks: new ShortLinks(0),
        storage: {
          relayName: () => "gw",
          generation: () => this.generation,
          raiseGeneration: () => {
            this.generation += 1;
          },
          storeInventory: () => {},
          storeLastKnown: () => {},
          storeOffline: ({ sinceMs }) => void this.offlineSince.push(sinceMs),
        },
        writes: {
          unresolved: () => this.unresolved,
          onRemembered: (writes) => void this.remembered.push(...writes),
          onLateReply: ({ id }) => this.unresolved.includes(id),
        },
        traces: new CallTraces(undefined),
        counts: new LinkCounts({
          tell: async ({ link }) => void this.told.push(link),
          after: (_ms, run) => void this.due.push(run),
        }),
      },
      { sinceMs: offlineSinceMs, hasLeft: false },
    );
  }

  accept(): ObjectSocket {
    const socket = new ObjectSocket();
    this.link.accept(socket as unknown as WebSocket, CONTINUITY);
    return socket;
  }

  greeted(): ObjectSocket {
    const socket = this.accept();
    this.hear(socket, encodeFrame(HELLO));
    return socket;
  }

  hear(socket: ObjectSocket, message: string): void {
    this.link.onMessage(socket as unknown as WebSocket, message);
  }

  stateIn(ms: number) {
    return this.link.session(Date.now() + ms);
  }
}
