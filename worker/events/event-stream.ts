/**
 * One open stream: what it says first, what it follows, and how it ends. It ends in good order, so that a reader
 * that returns with the last id continues where it was.
 */
import type { Failure } from "#shared/failure.ts";
import type { Params } from "#shared/link/method.ts";
import type { Result } from "#shared/result.ts";
import type { Heard, HeardEvents } from "../team/events/events-rpc.ts";
import type { EventsAsked } from "./event-query.ts";
import { EventQueue } from "./event-queue.ts";
import { followInstance, type Answered } from "./follow-instance.ts";
import { followed, type FollowedRecord } from "./followed-record.ts";
import {
  AUTHORIZE_INTERVAL_MS,
  KEEPALIVE_MS,
  MAX_CALLS,
  MAX_STREAM_MS,
  RETRY_MS,
  WAIT_MS,
} from "./limits.ts";
import type { Position } from "./position.ts";
import { toldOfPresence } from "./presence-events.ts";
import { StreamWriter } from "./stream-writer.ts";

/** Why a stream ended. */
export type End =
  /** It has reached its maximum age: reconnect with the last id. */
  | "renew"
  /** The token is no longer valid. */
  | "revoked"
  /** Its reader continues in another stream. */
  | "replaced"
  /** The worker failed; its log has the reason. */
  | "internal";

export interface EventStreamParts {
  readonly asked: EventsAsked;
  /** Identifies this connection: 64 random bits in hex. */
  readonly stream: string;
  /** Where its reader was; undefined: it starts afresh. */
  readonly resumed: Position | undefined;
  readonly ask: (
    instance: string,
    params: Params<"samples.watch">,
  ) => Promise<Result<Answered, Failure>>;
  /** Presence after an event's number; undefined if the team could not be asked. */
  readonly hear: (after: number, waitMs: number) => Promise<HeardEvents | undefined>;
  /** The presence to start from. */
  readonly heard: Heard;
  readonly stillAllowed: () => Promise<boolean>;
  readonly wait: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  /** The reader has taken this many bytes. */
  readonly onSent: (bytes: number) => void;
  /** Called once, however it ended. */
  readonly onOver: () => void;
  readonly log: (error: unknown) => void;
}

export class EventStream {
  readonly #parts: EventStreamParts;
  readonly #queue = new EventQueue();
  readonly #writer: StreamWriter;
  readonly #records: readonly FollowedRecord[];
  /** Wakes those that wait before they try again. */
  readonly #sleeping = new Set<() => void>();
  #calls = 0;

  constructor(parts: EventStreamParts) {
    this.#parts = parts;
    const { asked, stream, resumed } = parts;
    const start = resumed ?? { presence: null, cursors: asked.records.map(() => undefined) };
    this.#writer = new StreamWriter(this.#queue, asked, { ...start, stream });
    this.#records = asked.records.map(({ instance, record }, place) =>
      followed({ place, instance, record, cursor: start.cursors[place] }),
    );
  }

  /**
   * The body of the response. Nothing is produced ahead of the reader, and nothing is asked before: questions that
   * are part of the request itself would have to end within the request's time for its answer
   * (worker/http/ask-in-time.ts).
   */
  open(): ReadableStream<Uint8Array> {
    const text = new TextEncoder();
    this.#greet();
    let isRead = false;
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          if (!isRead) this.#begin();
          isRead = true;
          const taken = await this.#queue.take();
          if (taken === undefined) return controller.close();
          const bytes = text.encode(taken);
          controller.enqueue(bytes);
          this.#parts.onSent(bytes.length);
        },
        cancel: () => this.leave(),
      },
      { highWaterMark: 0 },
    );
  }

  /** The reader is gone. */
  leave(): void {
    const wasOver = this.#queue.isOver;
    this.#queue.drop();
    if (!wasOver) this.#stop();
  }

  #greet(): void {
    const { asked, stream, resumed } = this.#parts;
    void this.#writer.retryAfter(RETRY_MS);
    const isLost = asked.lastEventId !== undefined && resumed === undefined;
    void this.#writer.tell([
      {
        event: "hello",
        data: { stream, resumed: resumed !== undefined, ends_in_s: MAX_STREAM_MS / 1000 },
      },
      ...(isLost ? [{ event: "gap", data: { reason: "unknown_position", missed: null } }] : []),
    ]);
  }

  #begin(): void {
    this.#run("keep", this.#keep());
    this.#run("hear", this.#hear());
    for (const [instance, records] of this.#byInstance()) {
      this.#run("follow", this.#follow(instance, records));
    }
  }

  /** If the worker fails it says so, rather than leave the reader waiting. */
  #run(what: string, run: Promise<void>): void {
    run.catch((error: unknown) => {
      this.#parts.log(`${what}: ${String(error)}`);
      this.#end("internal");
    });
  }

  #follow(instance: string, records: readonly FollowedRecord[]): Promise<void> {
    const { nowMs } = this.#parts;
    return followInstance(records, {
      ask: (params) => this.#ask(instance, params),
      tell: (told) => this.#writer.tell(told),
      wait: (ms) => this.#sleep(ms),
      isOver: () => this.#queue.isOver,
      nowMs,
    });
  }

  async #ask(
    instance: string,
    params: Params<"samples.watch">,
  ): Promise<Result<Answered, Failure>> {
    this.#count();
    const answer = await this.#parts.ask(instance, params);
    if (!answer.ok && answer.error.code === "unauthenticated") this.#end("revoked");
    return answer;
  }

  async #hear(): Promise<void> {
    const { asked, hear, heard: first, wait } = this.#parts;
    const tell = (heard: Heard) =>
      asked.presence ? this.#writer.tell(toldOfPresence(heard)) : Promise.resolve();
    await tell(first);
    let after = first.last;
    while (!this.#queue.isOver) {
      this.#count();
      const answer = await hear(after, WAIT_MS);
      switch (answer?.type) {
        case undefined:
          await wait(RETRY_MS);
          break;
        case "outdated":
          this.#end("revoked");
          break;
        case "replaced":
          this.#end("replaced");
          break;
        case "heard":
          after = answer.heard.last;
          this.#wake(answer.heard);
          await tell(answer.heard);
      }
    }
  }

  /** A relay that has come back is asked at once. */
  #wake({ events, relays }: Heard): void {
    if (events.length === 0 && relays === null) return;
    for (const wake of this.#sleeping) wake();
  }

  async #sleep(ms: number): Promise<"over" | "woken"> {
    let wake = () => {};
    const woken = new Promise<"woken">((resolve) => {
      wake = () => resolve("woken");
      this.#sleeping.add(wake);
    });
    const over = this.#parts.wait(ms).then((): "over" => "over");
    const end = await Promise.race([over, woken]);
    this.#sleeping.delete(wake);
    return end;
  }

  #count(): void {
    this.#calls += 1;
    if (this.#calls > MAX_CALLS) this.#end("renew");
  }

  async #keep(): Promise<void> {
    const { wait, stillAllowed } = this.#parts;
    for (let ageMs = KEEPALIVE_MS; ageMs <= MAX_STREAM_MS; ageMs += KEEPALIVE_MS) {
      await wait(KEEPALIVE_MS);
      if (this.#queue.isOver) return;
      const isAsked = ageMs % AUTHORIZE_INTERVAL_MS === 0;
      if (isAsked && !(await stillAllowed())) this.#end("revoked");
      this.#writer.keepAlive();
    }
    this.#end("renew");
  }

  #end(reason: End): void {
    if (this.#queue.isOver) return;
    void this.#writer.tell([{ event: "bye", data: { reason } }]);
    this.#queue.end();
    this.#stop();
  }

  #stop(): void {
    for (const wake of this.#sleeping) wake();
    this.#parts.onOver();
  }

  #byInstance(): Map<string, FollowedRecord[]> {
    const groups = new Map<string, FollowedRecord[]>();
    for (const record of this.#records) {
      const group = groups.get(record.instance) ?? [];
      groups.set(record.instance, [...group, record]);
    }
    return groups;
  }
}
