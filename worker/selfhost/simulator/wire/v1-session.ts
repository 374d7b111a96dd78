/** AimX v1: a handshake, then requests one after the other, with events in between. */

import { callV1, refuse } from "./v1-calls.ts";
import type { V1Answer } from "./v1-calls.ts";
import { answerHello } from "./v1-hello.ts";
import { readRequest } from "./v1-request.ts";
import type { V1Request } from "./v1-request.ts";
import { V1Subscriptions } from "./v1-subscriptions.ts";
import { DrainCursors } from "./drain-cursors.ts";
import { LineBuffer } from "./lines.ts";
import type { Host, Output, Session } from "./session.ts";

/**
 * How much a host reads at once. The handshake's reader is thrown away together with everything it holds after the
 * hello, so requests sent along with it vanish.
 */
const HELLO_READ_BYTES = 8 * 1024;

export class V1Session implements Session {
  readonly #host: Host;
  readonly #lines = new LineBuffer();
  readonly #cursors = new DrainCursors("next");
  readonly #subscriptions: V1Subscriptions;
  #phase: "hello" | "refused" | "serving" = "hello";
  #hasEnded = false;
  #isEventsTurn = false;

  constructor(host: Host) {
    this.#host = host;
    this.#subscriptions = new V1Subscriptions(host);
  }

  receive(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.#phase === "hello" && !this.#lines.hasLine && rest.length > 0) {
      this.#receiveHello(rest.subarray(0, HELLO_READ_BYTES));
      rest = rest.subarray(HELLO_READ_BYTES);
    }
    if (rest.length > 0) this.#lines.push(rest);
  }

  receiveEnd(): void {
    if (this.#lines.hasHalf) this.#lines.endHalf();
    this.#hasEnded = true;
  }

  wake(nowNs: bigint): void {
    this.#subscriptions.queueEvents(nowNs);
  }

  next(nowNs: bigint): Output | undefined {
    if (this.#phase === "refused") return { type: "close" };
    const event = this.#isEventsTurn ? this.#nextEvent() : undefined;
    if (event !== undefined) return event;
    const line = this.#lines.next();
    if (line === undefined) {
      return this.#hasEnded ? { type: "close" } : this.#nextEvent();
    }
    this.#isEventsTurn = true;
    if (line.type === "not_utf8") return { type: "close" };
    return this.#phase === "serving" ? this.#serve(line.text, nowNs) : this.#greet(line.text);
  }

  dropHalfLine(): void {
    this.#lines.dropHalf();
  }

  close(): void {
    this.#subscriptions.close();
    this.#cursors.close();
  }

  #receiveHello(bytes: Uint8Array): void {
    const end = bytes.indexOf(0x0a);
    this.#lines.push(end === -1 ? bytes : bytes.subarray(0, end + 1));
  }

  #nextEvent(): Output | undefined {
    const text = this.#subscriptions.nextEvent();
    this.#isEventsTurn = false;
    return text === undefined ? undefined : { type: "push", text };
  }

  #greet(line: string): Output {
    const outcome = answerHello(line, this.#host);
    if (outcome.type === "unreadable") return { type: "close" };
    this.#phase = outcome.type === "welcome" ? "serving" : "refused";
    return { type: "reply", text: outcome.text, method: "hello" };
  }

  #serve(line: string, nowNs: bigint): Output {
    const request = readRequest(line);
    if (!request.ok) {
      const answer = refuse("parse_error", `Invalid JSON: ${request.error}`);
      return { type: "reply", text: answerText(0n, answer), method: "" };
    }
    const { id, method } = request.value;
    return { type: "reply", text: answerText(id, this.#answer(request.value, nowNs)), method };
  }

  #answer({ method, params }: V1Request, nowNs: bigint): V1Answer {
    if (method === "record.subscribe") return this.#subscriptions.subscribe(params);
    if (method === "record.unsubscribe") return this.#subscriptions.unsubscribe(params);
    const call = { host: this.#host, cursors: this.#cursors, params, nowNs };
    return callV1(method, call) ?? refuse("method_not_found", `Unknown method: ${method}`);
  }
}

function answerText(id: bigint, answer: V1Answer): string {
  return answer.ok
    ? `{"id":${id},"result":${answer.value}}`
    : `{"id":${id},"error":${JSON.stringify(answer.error)}}`;
}
