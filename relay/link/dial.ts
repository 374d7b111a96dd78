/** Opens the WebSocket to the worker. The only file that knows how. */
import type { IncomingMessage } from "node:http";
import { WebSocket } from "ws";
import { refusalSchema } from "#shared/link/enrollment.ts";
import { MAX_FRAME_BYTES } from "#shared/link/limits.ts";
import { Outbox } from "#shared/link/message.ts";
import { LINK_SUBPROTOCOL } from "#shared/link/version.ts";
import { parseOrUndefined } from "#shared/parse/parse-or-undefined.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { agentFor, type NetOptions } from "../net/agent.ts";
import { reasonOf } from "../net/reason.ts";
import type { DialFailure } from "./next-step.ts";
import { retryAfterMs } from "./retry-after.ts";

export interface LinkSocket {
  send(text: string): void;
  /** Goes with what else this turn brings, or with the next `send`. */
  sendSoon(text: string): void;
  /** Starts the closing handshake. */
  close(code: number, reason: string): void;
  /** Ends the socket without a closing handshake; no handler is called any more. */
  abandon(): void;
}

export interface LinkHandlers {
  readonly onOpen: () => void;
  readonly onFailed: (failure: DialFailure) => void;
  readonly onText: (text: string) => void;
  /** Only after `onOpen`, and once. */
  readonly onClose: (code: number) => void;
}

export type DialLink = (url: URL, token: string, handlers: LinkHandlers) => LinkSocket;

const MAX_REFUSAL_BYTES = 4_096;
/**
 * The windows of a worker that reads never come near it. One that answers heartbeats and reads nothing would have all
 * that it asks for kept in memory.
 */
const MAX_UNREAD_BYTES = 8 * MAX_FRAME_BYTES;
/** RFC 6455: no status came with the close, or none could. */
const ABNORMAL_CLOSE = 1006;

export function dialWith(net: NetOptions): DialLink {
  return (url, token, handlers) => {
    const over = new AbortController();
    const agent = agentFor(url, { ...net, signal: over.signal });
    const socket = new WebSocket(url, LINK_SUBPROTOCOL, {
      agent,
      headers: { authorization: `Bearer ${token}` },
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    let current: LinkHandlers | undefined = handlers;
    let opened = false;
    const fail = (failure: DialFailure) => {
      current?.onFailed(failure);
      current = undefined;
    };
    socket.on("open", () => {
      opened = true;
      current?.onOpen();
    });
    socket.on("message", (data: Buffer, isBinary) => {
      // A binary message is no frame; the empty text is refused as malformed.
      current?.onText(isBinary ? "" : data.toString("utf8"));
    });
    // A proxy's refusal is replayed as if it were the worker's, and says nothing of this relay's key.
    let refusedByProxy: number | undefined;
    agent.on("proxyConnect", ({ statusCode }: { statusCode: number }) => {
      if (statusCode !== 200) refusedByProxy = statusCode;
    });
    socket.on("unexpected-response", (_request, response) => {
      void readFailure(response).then((failure) => {
        fail(
          refusedByProxy === undefined
            ? failure
            : { type: "unreachable", reason: `the proxy answered ${refusedByProxy}` },
        );
        socket.terminate();
      });
    });
    socket.on("error", (error) => {
      if (!opened) fail({ type: "unreachable", reason: reasonOf(error, url) });
    });
    socket.on("close", (code) => {
      if (opened) current?.onClose(code);
      else fail({ type: "unreachable", reason: `the dial ended (${code || ABNORMAL_CLOSE})` });
      current = undefined;
    });
    return linkSocketOf(socket, () => {
      current = undefined;
      over.abort();
    });
  };
}

function linkSocketOf(socket: WebSocket, forget: () => void): LinkSocket {
  const send = (message: string) => {
    if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
    else socket.send(message);
  };
  const outbox = new Outbox(send, (run) => void setImmediate(run));
  return {
    send: (text) => {
      outbox.flush();
      send(text);
    },
    sendSoon: (text) => outbox.put(text),
    close: (code, reason) => {
      outbox.flush();
      socket.close(code, reason);
    },
    abandon: () => {
      forget();
      outbox.clear();
      socket.terminate();
    },
  };
}

async function readFailure(response: IncomingMessage): Promise<DialFailure> {
  const { statusCode: status = 0, headers } = response;
  let text = "";
  try {
    for await (const chunk of response) {
      text += String(chunk);
      if (text.length > MAX_REFUSAL_BYTES) break;
    }
  } catch {
    // The status decides; the body only adds to it.
  }
  const error = safeParse(refusalSchema, parseOrUndefined(text)).data?.error;
  return {
    type: "status",
    status,
    refusal: error?.code,
    retryAfterMs: retryAfterMs(headers),
    serverTimeMs: error?.code === "clock" ? error.server_time_ms : undefined,
  };
}
