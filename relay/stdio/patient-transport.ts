/**
 * MCP's stdio transport, with the requests that are still unanswered. The SDK's own ends with standard input and leaves
 * calls under way unanswered; a script that pipes its calls in would get no answers.
 */
import { PassThrough, type Readable, type Writable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type { JSONRPCMessage, JSONRPCRequest, Transport } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { granting, parseListen, type ListenRequest } from "#shared/mcp/resources/listen-request.ts";
import { waitUntil, type WaitOptions } from "../wait-until.ts";

/** One message, in bytes of the line. A longer one ends the connection. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Answered when the connection ends, not before. */
const UNENDING: ReadonlySet<string> = new Set(["subscriptions/listen"]);

type RequestId = string | number;

/** Watches the resources that a `subscriptions/listen` asks for. */
export interface ResourceListener {
  /** Those of `uris` whose changes will be reported. */
  listen(id: RequestId, uris: readonly string[]): Promise<readonly string[]>;
  unlisten(id: RequestId): void;
}

export class PatientTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  readonly #stdin: Readable;
  readonly #input = new PassThrough();
  readonly #inner: StdioServerTransport;
  readonly #listener: ResourceListener;
  readonly #open = new Set<RequestId>();
  /** Listens whose resources are being looked for. */
  readonly #starting = new Set<RequestId>();
  #onAnswered: () => void = () => {};

  constructor(stdin: Readable, stdout: Writable, listener: ResourceListener) {
    this.#stdin = stdin;
    this.#listener = listener;
    this.#inner = new StdioServerTransport(this.#input, stdout, {
      maxBufferSize: MAX_MESSAGE_BYTES,
    });
  }

  async start(): Promise<void> {
    const handlers: Pick<Transport, "onmessage" | "onerror" | "onclose"> = {
      onmessage: (message) => {
        this.#onRequest(message);
        const listen = parseListen(message);
        if (listen !== undefined && "id" in message && "method" in message) {
          void this.#onListen(message, listen);
        } else {
          this.onmessage?.(message);
        }
      },
      onerror: (error) => this.onerror?.(error),
      onclose: () => this.#onClose(),
    };
    Object.assign(this.#inner, handlers);
    await this.#inner.start();
    // Calling `end` is left to the owner of the connection.
    this.#stdin.pipe(this.#input, { end: false });
  }

  async send(message: JSONRPCMessage): Promise<void> {
    try {
      await this.#inner.send(message);
    } finally {
      if (!("method" in message)) this.#settle(message.id);
    }
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  /** Stops reading, and settles when every request is answered, or the wait is over. */
  async finish(wait: WaitOptions): Promise<void> {
    this.#stdin.unpipe(this.#input);
    // The server gets what was read last one turn later.
    await setImmediate();
    if (this.#open.size === 0) return;
    await waitUntil(wait, (finish) => {
      this.#onAnswered = finish;
      return () => {};
    });
  }

  #onRequest(message: JSONRPCMessage): void {
    if (!("method" in message)) return;
    if ("id" in message) {
      if (!UNENDING.has(message.method)) this.#open.add(message.id);
    } else if (message.method === "notifications/cancelled") {
      // A call that was cancelled is not answered.
      const id = message.params?.["requestId"];
      if (typeof id === "string" || typeof id === "number") this.#onCancelled(id);
    }
  }

  #onCancelled(id: RequestId): void {
    this.#settle(id);
    this.#starting.delete(id);
    this.#listener.unlisten(id);
  }

  /** The SDK acknowledges everything it is asked for, so it is asked only for what can be watched. */
  async #onListen(message: JSONRPCRequest, listen: ListenRequest): Promise<void> {
    const { id } = message;
    const asked = listen.params.notifications.resourceSubscriptions ?? [];
    this.#starting.add(id);
    const uris = await this.#listener.listen(id, asked);
    if (!this.#starting.delete(id)) {
      this.#listener.unlisten(id);
      return;
    }
    this.onmessage?.({ ...message, params: granting(listen, uris).params });
  }

  #settle(id: RequestId | undefined): void {
    if (id !== undefined) this.#open.delete(id);
    if (this.#open.size === 0) this.#onAnswered();
  }

  #onClose(): void {
    this.#open.clear();
    this.#onAnswered();
    this.onclose?.();
  }
}
