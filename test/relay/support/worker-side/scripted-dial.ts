/** The worker's end of a link, played by a test: each dial is kept, with what was sent on it. */
import { encodeFrame, type WorkerFrame } from "#shared/link/frame.ts";
import type { DialLink, LinkHandlers, LinkSocket } from "../../../../relay/link/dial.ts";
import type { DialFailure } from "../../../../relay/link/next-step.ts";

export class ScriptedLink implements LinkSocket {
  readonly url: URL;
  readonly token: string;
  readonly sent: string[] = [];
  readonly closes: { readonly code: number; readonly reason: string }[] = [];
  isAbandoned = false;
  readonly #handlers: LinkHandlers;

  constructor(url: URL, token: string, handlers: LinkHandlers) {
    this.url = url;
    this.token = token;
    this.#handlers = handlers;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  sendSoon(text: string): void {
    this.sent.push(text);
  }

  close(code: number, reason: string): void {
    this.closes.push({ code, reason });
  }

  abandon(): void {
    this.isAbandoned = true;
  }

  /** What was sent, heartbeats aside. */
  get frames(): Record<string, unknown>[] {
    const texts = this.sent.filter((text) => text !== '{"t":"ping"}');
    return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
  }

  get heartbeatCount(): number {
    return this.sent.length - this.frames.length;
  }

  of(t: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame["t"] === t);
  }

  opens(): void {
    this.#handlers.onOpen();
  }

  fails(failure: DialFailure): void {
    this.#handlers.onFailed(failure);
  }

  refuses(status: number, serverTimeMs?: number): void {
    const refusal = serverTimeMs === undefined ? CODES[status] : "clock";
    this.fails({ type: "status", status, refusal, retryAfterMs: undefined, serverTimeMs });
  }

  says(frame: WorkerFrame | string): void {
    this.#handlers.onText(typeof frame === "string" ? frame : encodeFrame(frame));
  }

  welcomes(heartbeat_interval_ms = 10_000): void {
    this.says({ t: "welcome", version: 1, session: "s1", heartbeat_interval_ms });
  }

  closesWith(code: number): void {
    this.#handlers.onClose(code);
  }
}

const CODES: Readonly<Record<number, string>> = { 401: "unauthorized", 410: "revoked" };

export class ScriptedDial {
  readonly links: ScriptedLink[] = [];
  /** Thrown by the next dial, as where the certificates can't be read. */
  error: Error | undefined;

  readonly dial: DialLink = (url, token, handlers) => {
    if (this.error !== undefined) throw this.error;
    const link = new ScriptedLink(url, token, handlers);
    this.links.push(link);
    return link;
  };

  get last(): ScriptedLink {
    const link = this.links.at(-1);
    if (link === undefined) throw new Error("Nothing was dialed");
    return link;
  }
}
