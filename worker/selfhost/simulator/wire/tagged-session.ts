/** AimX v2 and v3: frames in order, reads before events, silence on what does not decode. */

import { isObject } from "../json/value.ts";
import { readValue } from "../json/struct-reader.ts";
import { DrainCursors } from "./drain-cursors.ts";
import { LineBuffer } from "./lines.ts";
import type { Host, Output, Session } from "./session.ts";
import { callTagged, readParams, writeRecord } from "./tagged-calls.ts";
import { TAGGED_DIALECTS } from "./tagged-dialect.ts";
import type { TaggedDialect, TaggedVersion } from "./tagged-dialect.ts";
import { errorText, PONG, readFrame, replyText } from "./tagged-frame.ts";
import type { InboundFrame } from "./tagged-frame.ts";
import { TaggedSubscriptions } from "./tagged-subscriptions.ts";

export class TaggedSession implements Session {
  readonly #host: Host;
  readonly #dialect: TaggedDialect;
  readonly #lines = new LineBuffer();
  readonly #cursors = new DrainCursors("current");
  readonly #subscriptions: TaggedSubscriptions;
  #snapshots: readonly string[] = [];
  #hasEnded = false;

  constructor(host: Host, version: TaggedVersion) {
    this.#host = host;
    this.#dialect = TAGGED_DIALECTS[version];
    this.#subscriptions = new TaggedSubscriptions(host, this.#dialect);
  }

  receive(bytes: Uint8Array): void {
    this.#lines.push(bytes);
  }

  receiveEnd(): void {
    if (this.#lines.hasHalf) this.#lines.endHalf();
    this.#hasEnded = true;
  }

  wake(): void {}

  next(nowNs: bigint): Output | undefined {
    for (;;) {
      const [snapshot, ...others] = this.#snapshots;
      if (snapshot !== undefined) {
        this.#snapshots = others;
        return { type: "push", text: snapshot };
      }
      const line = this.#lines.next();
      if (line === undefined) return this.#hasEnded ? { type: "close" } : this.#nextEvent();
      if (line.type === "not_utf8") return { type: "close" };
      const frame = readFrame(line.text);
      const output = frame === undefined ? undefined : this.#handle(frame, nowNs);
      if (output !== undefined) return output;
    }
  }

  dropHalfLine(): void {
    this.#lines.dropHalf();
  }

  close(): void {
    this.#subscriptions.close();
    this.#cursors.close();
  }

  #nextEvent(): Output | undefined {
    const text = this.#subscriptions.nextEvent();
    return text === undefined ? undefined : { type: "push", text };
  }

  #handle(frame: InboundFrame, nowNs: bigint): Output | undefined {
    switch (frame.t) {
      case "req":
        return this.#call(frame, nowNs);
      case "sub":
        return this.#subscribe(frame.id, frame.topic);
      case "unsub":
        this.#subscriptions.unsubscribe(frame.sub);
        return undefined;
      case "write":
        this.#write(frame.topic, frame.payload, nowNs);
        return undefined;
      default:
        return { type: "reply", text: PONG, method: "ping" };
    }
  }

  #call(frame: Extract<InboundFrame, { t: "req" }>, nowNs: bigint): Output {
    const { id, method } = frame;
    const answer = callTagged(method, {
      host: this.#host,
      dialect: this.#dialect,
      cursors: this.#cursors,
      params: readParams(frame.params),
      nowNs,
    });
    const text = answer.ok ? replyText(id, answer.value) : errorText(id, answer.error);
    return { type: "reply", text, method };
  }

  #subscribe(id: bigint, topic: string): Output | undefined {
    const opened = this.#subscriptions.subscribe(String(id), topic);
    if (!opened.ok) return { type: "reply", text: errorText(id, opened.error), method: "sub" };
    this.#snapshots = opened.value;
    return undefined;
  }

  /** Never answered: a refusal is as silent as a success. */
  #write(topic: string, payload: string, nowNs: bigint): void {
    const read = readValue(payload);
    const content = read.ok ? read.value : null;
    const wrapped = isObject(content) ? content["value"] : undefined;
    writeRecord(this.#host, topic, wrapped ?? content, nowNs);
  }
}
