/**
 * One AimX connection. Pure: bytes and times go in, bytes to write and events come out.
 *
 *   greeting --welcome--> ready --any failure--> closed      (closed absorbs everything)
 *
 * A request that misses its deadline closes the connection: a late answer, or one half read, would
 * be taken for the next request's.
 */
import { err, type Result } from "../result.ts";
import { parseJson, type JsonValue } from "../json/json.ts";
import type { Dialect, HostFrame } from "./dialect.ts";
import type { AimxError } from "./error-code.ts";
import { helloLine, readGreeting, type HelloForm, type RefusalReason } from "./greeting.ts";
import type { HostRequest } from "./host-request.ts";
import { MAX_LINE_BYTES } from "./limits.ts";
import { LineSplitter } from "./lines.ts";
import type { Welcome } from "./welcome.ts";

export type CloseReason =
  | { readonly reason: "ended" }
  /** Closed before a single byte: its connections are used up, or it is not AimDB. */
  | { readonly reason: "ended_silently" }
  | { readonly reason: "refused"; readonly refusal: RefusalReason; readonly message: string }
  | { readonly reason: "not_aimx" }
  | { readonly reason: "hello_timeout" }
  | { readonly reason: "request_timeout" }
  | { readonly reason: "line_too_long" }
  | { readonly reason: "lost_request" }
  | { readonly reason: "local" };

export type RequestFailure =
  | { readonly type: "host"; readonly error: AimxError }
  | { readonly type: "timeout" }
  | { readonly type: "closed"; readonly close: CloseReason };

export interface Sample {
  readonly subscription: string;
  readonly value: JsonValue;
  /** Values lost since the previous one; null if the host can't show it. */
  readonly missed: number | null;
  /** ISO-8601 by the host's clock; null if events carry no time. */
  readonly timestamp: string | null;
}

export type AimxEvent =
  | { readonly type: "welcome"; readonly dialect: Dialect; readonly welcome: Welcome }
  | { readonly type: "sample"; readonly sample: Sample }
  | { readonly type: "closed"; readonly close: CloseReason };

interface Pending {
  readonly deadlineMs: number;
  readonly ends: string | undefined;
  readonly settle: (frame: HostFrame | RequestFailure) => void;
}

type State =
  | { readonly name: "greeting"; readonly deadlineMs: number }
  | { readonly name: "ready"; readonly dialect: Dialect }
  | { readonly name: "closed"; readonly close: CloseReason };

export class AimxConnection {
  readonly hello: string;
  #state: State;
  readonly #lines = new LineSplitter(MAX_LINE_BYTES);
  #receivedAny = false;
  /** Insertion order is request order, which is the order of the answers. */
  readonly #pending = new Map<number, Pending>();
  /** Requests that a pong answers, oldest first. */
  readonly #awaitingPong: number[] = [];
  readonly #lastSequence = new Map<string, number>();
  /** Never 0, which AimX 1 uses for "some line", and never one twice: a reused id ends both. */
  #nextId = 2;

  /** `helloDeadlineMs` and all later times are on one clock that the caller chooses. */
  constructor(options: { form: HelloForm; client: string; helloDeadlineMs: number }) {
    this.hello = helloLine(options.form, options.client);
    this.#state = { name: "greeting", deadlineMs: options.helloDeadlineMs };
  }

  receive(chunk: Uint8Array): AimxEvent[] {
    const events: AimxEvent[] = [];
    if (this.#state.name === "closed") return events;
    this.#receivedAny ||= chunk.length > 0;
    const failure = this.#lines.push(chunk, (line) => this.#onLine(line, events));
    if (failure !== undefined) this.#close({ reason: "line_too_long" }, events);
    return events;
  }

  /** The peer closed its side. */
  end(): AimxEvent[] {
    const events: AimxEvent[] = [];
    const rest = this.#lines.rest();
    if (rest !== "" && !isCutOff(rest)) this.#onLine(rest, events);
    this.#close({ reason: this.#receivedAny ? "ended" : "ended_silently" }, events);
    return events;
  }

  close(): AimxEvent[] {
    const events: AimxEvent[] = [];
    this.#close({ reason: "local" }, events);
    return events;
  }

  /**
   * Returns what to write, all in one write. `settle` is called once, at the latest when `expire` is
   * called past the deadline. On a connection that is not ready the request fails and nothing is
   * to be written.
   */
  request<T>(
    make: (dialect: Dialect) => HostRequest<T>,
    deadlineMs: number,
    settle: (outcome: Result<T, RequestFailure>) => void,
  ): string {
    if (this.#state.name !== "ready") {
      settle(err({ type: "closed", close: this.#closeReason() }));
      return "";
    }
    const request = make(this.#state.dialect);
    const id = this.#nextId;
    this.#nextId += 1;
    this.#pending.set(id, {
      deadlineMs,
      ends: request.ends,
      settle: (frame) => settle(outcomeOf(request, id, frame)),
    });
    if (request.answeredByPong) this.#awaitingPong.push(id);
    return request.encode(id);
  }

  /** Ends the connection if something was due before `nowMs`. */
  expire(nowMs: number): AimxEvent[] {
    const events: AimxEvent[] = [];
    if (this.#state.name === "greeting" && this.#state.deadlineMs <= nowMs) {
      this.#close({ reason: "hello_timeout" }, events);
    }
    const due = [...this.#pending].filter(([, { deadlineMs }]) => deadlineMs <= nowMs);
    for (const [id] of due) this.#settle(id, { type: "timeout" });
    if (due.length > 0) this.#close({ reason: "request_timeout" }, events);
    return events;
  }

  /** When `expire` is worth calling next. */
  nextDeadlineMs(): number | undefined {
    if (this.#state.name === "greeting") return this.#state.deadlineMs;
    if (this.#pending.size === 0) return undefined;
    return Math.min(...Array.from(this.#pending.values(), ({ deadlineMs }) => deadlineMs));
  }

  #closeReason(): CloseReason {
    return this.#state.name === "closed" ? this.#state.close : { reason: "ended_silently" };
  }

  #onLine(line: string, events: AimxEvent[]): void {
    switch (this.#state.name) {
      case "greeting":
        this.#onGreeting(line, events);
        break;
      case "ready":
        this.#onFrame(this.#state.dialect.decode(line), events);
        break;
      case "closed":
        break;
    }
  }

  #onGreeting(line: string, events: AimxEvent[]): void {
    const greeting = readGreeting(line);
    switch (greeting.type) {
      case "welcome":
        this.#state = { name: "ready", dialect: greeting.dialect };
        events.push(greeting);
        break;
      case "refused": {
        const { reason: refusal, message } = greeting;
        this.#close({ reason: "refused", refusal, message }, events);
        break;
      }
      case "foreign":
        this.#close({ reason: "not_aimx" }, events);
        break;
    }
  }

  #onFrame(frame: HostFrame, events: AimxEvent[]): void {
    switch (frame.type) {
      case "answer":
      case "failure":
        this.#settle(frame.id, frame);
        break;
      case "pong": {
        const id = this.#awaitingPong.shift();
        if (id !== undefined) this.#settle(id, { type: "answer", id, body: undefined });
        break;
      }
      case "event":
        events.push({ type: "sample", sample: this.#toSample(frame) });
        break;
      case "lost_request":
        this.#close({ reason: "lost_request" }, events);
        break;
      case "garbage":
        this.#close({ reason: "not_aimx" }, events);
        break;
      case "other":
        break;
    }
  }

  #toSample(event: Extract<HostFrame, { type: "event" }>): Sample {
    const { subscription, sequence, value, timestamp } = event;
    const last = this.#lastSequence.get(subscription) ?? 0;
    const visible = this.#state.name === "ready" && this.#state.dialect.loss !== "not_visible";
    if (visible && this.#isOurs(subscription)) {
      this.#lastSequence.set(subscription, Math.max(last, sequence));
    }
    return {
      subscription,
      value,
      missed: visible ? Math.max(0, sequence - last - 1) : null,
      timestamp,
    };
  }

  /** Where losses are visible, a subscription has the id of the request that opened it. */
  #isOurs(subscription: string): boolean {
    const id = Number(subscription);
    return id > 0 && id < this.#nextId && String(id) === subscription;
  }

  /** A pending id leaves before its settle runs, so a refused subscription's pong finds nothing. */
  #settle(id: number, frame: HostFrame | RequestFailure): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending?.ends !== undefined) this.#lastSequence.delete(pending.ends);
    pending?.settle(frame);
  }

  #close(close: CloseReason, events: AimxEvent[]): void {
    if (this.#state.name === "closed") return;
    this.#state = { name: "closed", close };
    events.push({ type: "closed", close });
    for (const id of this.#pending.keys()) this.#settle(id, { type: "closed", close });
  }
}

/** The beginning of a frame says that the peer went away, not that it speaks something else. */
function isCutOff(line: string): boolean {
  if (!line.startsWith("{")) return false;
  try {
    parseJson(line);
    return false;
  } catch {
    return true;
  }
}

function outcomeOf<T>(
  request: HostRequest<T>,
  id: number,
  frame: HostFrame | RequestFailure,
): Result<T, RequestFailure> {
  switch (frame.type) {
    case "answer": {
      const parsed = request.parse(id, frame.body);
      return parsed.ok ? parsed : err({ type: "host", error: parsed.error });
    }
    case "failure":
      return err({ type: "host", error: request.explain(frame.failure) });
    case "timeout":
    case "closed":
      return err(frame);
    default:
      throw new Error(`A ${frame.type} frame settles nothing`);
  }
}
