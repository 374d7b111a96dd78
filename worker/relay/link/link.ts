/** The relay's socket at this object: feeds `step`, performs its effects, and keeps the calls that wait. */
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import {
  encodeFrame,
  parseRelayFrame,
  type FrameError,
  type WorkerFrame,
} from "#shared/link/frame.ts";
import { WORKER_FEATURES } from "#shared/link/features.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import type { LastKnown } from "#shared/link/last-known.ts";
import { HEARTBEAT_INTERVAL_MS, MAX_OUTCOMES } from "#shared/link/limits.ts";
import { Outbox } from "#shared/link/message.ts";
import { EFFECTS } from "#shared/link/method.ts";
import type { RememberedWrite } from "#shared/link/outcomes.ts";
import type { Reply, Request } from "#shared/link/request.ts";
import { randomHex } from "../../auth/secret.ts";
import { logEvent } from "../../log.ts";
import { AskedOutcomes } from "./asked-outcomes.ts";
import { AwaitedSession } from "./awaited-session.ts";
import { readAttachment, writeAttachment } from "./attachment.ts";
import type { CallTraces } from "../calls/call-traces.ts";
import { FramesIn } from "./frames-in.ts";
import { LastHeard } from "./last-heard.ts";
import type { LinkCounts } from "./link-counts.ts";
import { closeAs, isSendable } from "./close-socket.ts";
import { outcomeOf, PendingCalls, type Dropped, type PendingEnd } from "./pending.ts";
import type { ShortLinks } from "../dial/short-links.ts";
import { StrayReplies } from "./stray-replies.ts";
import { UnaskedFrames } from "./unasked-frames.ts";
import {
  isInSession,
  step,
  type Ended,
  type Session,
  type SessionEffect,
  type SessionEvent,
} from "./session.ts";

export interface LinkStorage {
  readonly relayName: () => string | undefined;
  readonly generation: () => number;
  readonly raiseGeneration: () => void;
  readonly storeInventory: (inventory: Inventory) => void;
  readonly storeLastKnown: (lastKnown: LastKnown, sessionStartedAtMs: number) => void;
  readonly storeOffline: (ended: Ended) => void;
}

/** The link's side of writes, which outlive a session. */
export interface LinkWrites {
  /** Call ids of writes whose end only the device knows. */
  readonly unresolved: () => readonly string[];
  readonly onRemembered: (writes: readonly RememberedWrite[]) => void;
  /** True if the reply ended a write that nobody waits for any more. */
  readonly onLateReply: (reply: Reply) => boolean;
}

export interface LinkParts {
  readonly storage: LinkStorage;
  readonly writes: LinkWrites;
  readonly counts: LinkCounts;
  readonly traces: CallTraces;
  readonly shortLinks: ShortLinks;
}

export class RelayLink {
  /** Called when one of `pendingWrites` has ended. */
  onWriteEnd: () => void = () => {};
  readonly #ctx: DurableObjectState;
  readonly #storage: LinkStorage;
  readonly #writes: LinkWrites;
  readonly #counts: LinkCounts;
  readonly #traces: CallTraces;
  readonly #shortLinks: ShortLinks;
  readonly #pending = new PendingCalls();
  readonly #outbox = new Outbox(
    (message) => this.#sendText(message),
    (run) => void setTimeout(run, 0),
  );
  readonly #asked = new AskedOutcomes();
  readonly #awaited = new AwaitedSession();
  #pendingWrites = 0;
  #session: Session;
  #socket: WebSocket | undefined;
  readonly #heard = new LastHeard();
  /** In memory only: losing it is like losing the welcome. */
  #continuity: string | undefined;
  readonly #unasked = new UnaskedFrames(Date.now());
  readonly #framesIn = new FramesIn(() => this.session(Date.now()));
  readonly #stray = new StrayReplies();
  /** Ends with the greeting: an object with a timer can't sleep. */
  #greetingTimer: ReturnType<typeof setTimeout> | null = null;

  /** When the object wakes, the socket of the current generation is still there, and only that one counts. */
  constructor(
    ctx: DurableObjectState,
    { storage, writes, counts, traces, shortLinks }: LinkParts,
    offline: Omit<Extract<Session, { name: "offline" }>, "name">,
  ) {
    this.#ctx = ctx;
    this.#storage = storage;
    this.#writes = writes;
    this.#counts = counts;
    this.#traces = traces;
    this.#shortLinks = shortLinks;
    this.#session = { name: "offline", ...offline };
    ctx.setWebSocketAutoResponse(
      new WebSocketRequestResponsePair(HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE),
    );
    for (const socket of ctx.getWebSockets()) {
      const attachment = readAttachment(socket);
      if (attachment?.generation === storage.generation()) {
        this.#socket = socket;
        this.#session = attachment.session;
      } else {
        closeAs(socket, "replaced");
      }
    }
    this.#armGreeting();
  }

  /** Whether or not the relay has said hello. */
  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  get pendingCount(): number {
    return this.#pending.size;
  }

  /** How many pending calls the write desk has asked. */
  get pendingWrites(): number {
    return this.#pendingWrites;
  }

  /** False if no session begins within that time. */
  untilLive(waitMs: number, cause?: string): Promise<boolean> {
    if (this.#session.name === "live") return Promise.resolve(true);
    if (waitMs <= 0) return Promise.resolve(false);
    return this.#awaited.wait(waitMs, cause);
  }

  /** Ends such waits of a tool call. */
  stopAwaiting(cause: string): void {
    this.#awaited.cancel(cause);
  }

  /** `continuity` is sent with the welcome. */
  accept(socket: WebSocket, continuity: string): void {
    this.#on({ type: "accepted" });
    this.#continuity = continuity;
    this.#shortLinks.begin(Date.now());
    this.#storage.raiseGeneration();
    this.#ctx.acceptWebSocket(socket);
    this.#socket = socket;
    this.#heard.note(Date.now());
    this.#attach();
    this.#armGreeting();
  }

  /** Armed again if the timer fires a moment before the deadline: its clock differs from `Date`'s. */
  #armGreeting(): void {
    clearTimeout(this.#greetingTimer);
    if (this.#session.name !== "greeting") return;
    this.#greetingTimer = setTimeout(
      () => {
        this.#on({ type: "tick" });
        this.#armGreeting();
      },
      Math.max(1, this.#session.deadlineMs - Date.now()),
    );
  }

  /** The current session; a silent one is ended first, since nobody wakes a sleeping object to check. */
  session(nowMs: number): Session {
    const heardAtMs = this.#heard.silentSinceMs(nowMs, () => this.#lastHeartbeatMs());
    if (heardAtMs !== undefined && isInSession(this.#session)) {
      this.#on({ type: "silent", heardAtMs });
    }
    return this.#session;
  }

  /**
   * Sends at once, except a read while other calls are pending: that one shares a message with whatever else this
   * turn brings. A message is expensive, a frame is not.
   */
  async ask(asked: Request): Promise<PendingEnd> {
    const { request, end: endSpan } = this.#traces.begin(asked);
    const isRead = EFFECTS[request.method] === "read";
    const isWithOthers = this.#pending.size > 0 && isRead;
    const isWrite = EFFECTS[request.method] === "write";
    if (isWrite) this.#pendingWrites += 1;
    const end = this.#pending.wait(request.id, request.instance, request.deadline_ms);
    if (isWithOthers) this.#outbox.put(encodeFrame(request));
    else this.#send(request);
    const askedAtMs = Date.now();
    const settled = await end;
    if (isWrite) {
      this.#pendingWrites -= 1;
      this.onWriteEnd();
    }
    const outcome = outcomeOf(settled);
    this.#counts.noteCall(request.method, outcome, Date.now() - askedAtMs);
    endSpan(outcome);
    if (settled.type !== "reply" && settled.type !== "lost") {
      this.#send({ t: "cancel", id: request.id });
    }
    return settled;
  }

  /** Ends the wait for a pending call. */
  drop(id: string, why: Dropped): void {
    this.#pending.drop(id, why);
  }

  /** Settles when the relay has reported what it remembers, or after a time without. */
  askOutcomes(ids: readonly string[]): Promise<void> {
    if (this.session(Date.now()).name !== "live") return Promise.resolve();
    const told = this.#asked.wait(ids);
    this.#sendOutcomeQuery(ids);
    return told;
  }

  onMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    if (socket !== this.#socket) return;
    this.#heard.note(Date.now());
    this.#counts.add("bytes_received", sizeOf(message));
    const arrived = this.#framesIn.take(typeof message === "string" ? message : "");
    if (!arrived.ok) return this.#refuse(arrived.error);
    const { texts, isTakenBack } = arrived.value;
    if (isTakenBack) this.#boundUnasked("parts", 1);
    else if (texts.length === 0 && this.#session.name === "greeting") this.#refuse(NO_HELLO);
    for (const text of texts) this.#onFrame(socket, text);
  }

  /** A frame that ends the session ends it for the frames after it. */
  #onFrame(socket: WebSocket, text: string): void {
    if (socket !== this.#socket) return;
    const frame = parseRelayFrame(text);
    if (!frame.ok) return this.#refuse(frame.error);
    const { t } = frame.value;
    if (t !== "reply" && !this.#boundUnasked(t, text.length)) return;
    this.#on({ type: "frame", frame: frame.value, newId: () => randomHex(8) });
  }

  /** False if it was too much, which ends the session. */
  #boundUnasked(frame: string, bytes: number): boolean {
    const isStored = frame === "inventory" || frame === "last_known";
    if (!this.#unasked.isTooMuch(bytes, Date.now(), isStored)) return true;
    logEvent("warn", "too_much_unasked", { relay: this.#storage.relayName(), frame });
    this.#counts.add("floods");
    this.#on({ type: "malformed", reason: "too_much" });
    return false;
  }

  #refuse(error: FrameError): void {
    const { reason } = error;
    const problem = error.reason === "malformed" ? error.problem : undefined;
    logEvent("warn", "frame_refused", { relay: this.#storage.relayName(), reason, problem });
    this.#counts.add("frames_refused");
    this.#on({ type: "malformed", reason });
  }

  /** After what waits, so that frames keep their order. */
  #send(frame: WorkerFrame): void {
    this.#outbox.flush();
    this.#sendText(encodeFrame(frame));
  }

  #sendText(text: string): void {
    if (this.#socket === undefined) return;
    this.#counts.add("bytes_sent", text.length);
    this.#socket.send(text);
  }

  /** Pending calls end as lost, because their answers will not be heard, and waits for the next session end. */
  endAs(name: "suspended" | "revoked"): void {
    this.#on({ type: "ended", name });
    this.#awaited.settleAll(false);
  }

  /** Without a code the socket broke, and there is no closing handshake to finish. */
  onClose(socket: WebSocket, code?: number): void {
    const isGoodbye = code === CLOSE_CODES.normal.code;
    if (socket === this.#socket) this.#on({ type: "closed", isGoodbye });
    if (code !== undefined) socket.close(isSendable(code) ? code : CLOSE_CODES.normal.code);
  }

  #on(event: SessionEvent): void {
    const before = this.#session;
    const next = step(before, event, Date.now());
    this.#session = next.session;
    if (before.name === "greeting" && next.session.name !== "greeting") {
      clearTimeout(this.#greetingTimer);
    }
    // Most frames are replies, which leave the session as it is.
    if (next.session !== before) this.#attach();
    if (isInSession(before) && !isInSession(next.session)) this.#counts.add("sessions_ended");
    for (const effect of next.effects) this.#perform(effect);
  }

  #attach(): void {
    if (this.#socket === undefined || this.#session.name === "offline") return;
    writeAttachment(this.#socket, {
      generation: this.#storage.generation(),
      session: this.#session,
    });
  }

  #perform(effect: SessionEffect): void {
    switch (effect.type) {
      case "welcome":
        this.#welcome(effect.version, effect.session);
        break;
      case "send_drained":
        this.#send({ t: "drained" });
        break;
      case "close":
        if (this.#socket !== undefined) closeAs(this.#socket, effect.name);
        break;
      case "store_inventory":
        this.#storage.storeInventory(effect.inventory);
        break;
      case "store_last_known":
        this.#storage.storeLastKnown(effect.lastKnown, effect.startedAtMs);
        break;
      case "settle":
        this.#onReply(effect.reply);
        break;
      case "remember":
        this.#onRemembered(effect.writes);
        break;
      case "lost":
        this.#socket = undefined;
        this.#shortLinks.end(Date.now());
        this.#outbox.clear();
        this.#framesIn.clear();
        this.#storage.storeOffline({ sinceMs: effect.sinceMs, hasLeft: effect.hasLeft });
        this.#pending.loseAll();
        this.#asked.settleAll();
        break;
    }
  }

  #welcome(version: number, session: string): void {
    this.#counts.add("sessions_begun");
    const continuity = this.#continuity;
    this.#continuity = undefined;
    this.#send({
      t: "welcome",
      version,
      session,
      heartbeat_interval_ms: HEARTBEAT_INTERVAL_MS,
      server_time_ms: Date.now(),
      features: [...WORKER_FEATURES],
      ...(continuity === undefined ? {} : { continuity }),
    });
    this.#sendOutcomeQuery(this.#writes.unresolved());
    this.#awaited.settleAll(true);
  }

  #onReply(reply: Reply): void {
    if (this.#pending.settle(reply)) return;
    if (!this.#writes.onLateReply(reply)) this.#countStray();
  }

  #sendOutcomeQuery(ids: readonly string[]): void {
    for (let from = 0; from < ids.length; from += MAX_OUTCOMES) {
      const some = ids.slice(from, from + MAX_OUTCOMES);
      this.#send({ t: "outcome", ids: some });
    }
  }

  #onRemembered(writes: readonly RememberedWrite[]): void {
    this.#writes.onRemembered(writes);
    this.#asked.onTold(writes);
  }

  #countStray(): void {
    this.#counts.add("stray_replies");
    if (this.#stray.isTooMany(Date.now())) this.#on({ type: "malformed", reason: "malformed" });
  }

  #lastHeartbeatMs(): number {
    if (this.#socket === undefined) return 0;
    return this.#ctx.getWebSocketAutoResponseTimestamp(this.#socket)?.getTime() ?? 0;
  }
}

const NO_HELLO: FrameError = { reason: "malformed", problem: "a part before hello" };

/** In characters, which equal bytes except for non-ASCII names and texts. */
function sizeOf(message: string | ArrayBuffer): number {
  return typeof message === "string" ? message.length : message.byteLength;
}
