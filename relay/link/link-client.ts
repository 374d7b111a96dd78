/** Owns the socket and the timer of the link: feeds `step`, performs its effects, in order. */
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import { RELAY_FEATURES } from "#shared/link/features.ts";
import {
  encodeFrame,
  parseWorkerFrame,
  type FrameError,
  type RelayFrame,
  type WorkerFrame,
} from "#shared/link/frame.ts";
import { HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import type { Welcome } from "#shared/link/hello.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import { splitMessage } from "#shared/link/message.ts";
import type { Request } from "#shared/link/request.ts";
import { LINK_VERSION, MIN_LINK_VERSION } from "#shared/link/version.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Purpose } from "../traffic/budget.ts";
import { sentBytes } from "../traffic/frame-bytes.ts";
import type { LinkBudget } from "../traffic/link-budget.ts";
import type { DialLink, LinkSocket } from "./dial.ts";
import { InventoryTeller } from "./inventory-teller.ts";
import type { LastKnownTeller } from "./last-known.ts";
import { LinkOutbox } from "./link-outbox.ts";
import {
  hasSession,
  initialLink,
  nextTickMs,
  step,
  type LinkEffect,
  type LinkEvent,
  type LinkState,
} from "./link-state.ts";
import { describeLink, type LinkStatus } from "./link-status.ts";
import type { Server } from "./serve.ts";
import { Outage } from "./outage.ts";
import { ServedCalls } from "./served-calls.ts";

const CLOSE_TIMEOUT_MS = 1_000;

export interface LinkClientOptions {
  readonly url: URL;
  readonly dial: DialLink;
  /** A fresh token; the argument is Unix time as the worker has it. */
  readonly createToken: (workerNowMs: number) => Promise<string>;
  /** Takes each welcome's continuity value: the next dial's token carries it once it is stored. */
  readonly keepContinuity: (value: string) => void;
  readonly server: Server;
  readonly inventory: () => Inventory;
  readonly lastKnown: LastKnownTeller;
  /** A metered line's. */
  readonly budget?: LinkBudget | undefined;
  readonly relayVersion: string;
  /** The write journal's present id. */
  readonly journalId: () => string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Called when `status` changed. */
  readonly onChange?: () => void;
}

export type LinkEnd = { readonly why: "asked" | "refused"; readonly advice: string };

export class LinkClient {
  /** Settles when the link has stopped for good. */
  readonly ended: Promise<LinkEnd>;
  readonly #options: LinkClientOptions;
  readonly #calls: ServedCalls;
  readonly #inventory: InventoryTeller;
  #state: LinkState;
  #socket: LinkSocket | undefined;
  /** The current socket's. */
  #outbox: LinkOutbox | undefined;
  /** Making its token may take longer than the dial's timeout; then another dial has its place. */
  #dialCount = 0;
  #sessionStartMs = 0;
  #session: string | null = null;
  #changedMs: number;
  #roundTripMs: number | null = null;
  /** The device's wall clock minus the worker's, by the last `welcome`. */
  #shownOffsetMs: number | null = null;
  #lastFailure: string | null = null;
  readonly #outage = new Outage();
  /** How far the device's wall clock is behind the worker's, where the worker said so. */
  #clockOffsetMs = 0;
  #cancelTick: () => void = () => {};
  #end: (end: LinkEnd) => void = () => {};

  constructor(options: LinkClientOptions) {
    this.#options = options;
    this.#changedMs = options.clock.monotonicMs();
    this.#state = initialLink(this.#changedMs);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { server, clock, budget, inventory } = options;
    this.#calls = new ServedCalls({ server, clock, budget, onEnd: () => this.#closeIfDrained() });
    this.#inventory = new InventoryTeller({
      read: inventory,
      send: (frame, purpose) => this.#putPaid(frame, purpose),
      isLive: () => this.#state.name === "live",
      clock,
    });
  }

  start(): void {
    this.#on({ type: "tick" });
  }

  /** Finishes calls under way first, and has the worker inform its callers. */
  stop(): void {
    this.#options.lastKnown.tell();
    this.#on({ type: "stop" });
  }

  /** Ends any wait; a live link is checked at once. */
  dialNow(): void {
    this.#on({ type: "dial_now" });
  }

  status(): LinkStatus {
    return describeLink(
      this.#state,
      {
        changedMs: this.#changedMs,
        session: this.#session,
        roundTripMs: this.#roundTripMs,
        narrowPerS: this.#outbox?.line.perSecond ?? null,
        clockOffsetMs: this.#shownOffsetMs,
        lastFailure: this.#lastFailure,
        callsUnderWay: this.#calls.underWay,
      },
      this.#options.clock.monotonicMs(),
    );
  }

  /** Announces soon what the relay can reach now. */
  inventoryChanged(): void {
    this.#inventory.changed();
  }

  #on(event: LinkEvent): void {
    const { clock, random } = this.#options;
    const before = this.#state.name;
    const nowMs = clock.monotonicMs();
    const next = step(this.#state, event, { nowMs, random: random() });
    this.#state = next.state;
    if (next.state.name !== before) {
      this.#changedMs = nowMs;
      this.#options.onChange?.();
    }
    for (const effect of next.effects) this.#perform(effect);
    if (hasSession(before) && !hasSession(next.state.name)) this.#onLost();
    if (before !== "stopped" && next.state.name === "stopped") this.#onStopped(before);
    else if (next.state.name !== "stopped") this.#armTick();
    if (event.type !== "idle") this.#closeIfDrained();
  }

  #closeIfDrained(): void {
    if (this.#state.name !== "draining" || this.#calls.underWay > 0) return;
    if (this.#outbox?.isEmpty === false) this.#outbox.askIfArrived();
    else this.#on({ type: "idle" });
  }

  #onLost(): void {
    this.#outbox?.close();
    this.#options.server.cancelAll();
    this.#options.lastKnown.end();
  }

  /** The other end is given a moment to answer the close. */
  #onStopped(before: LinkState["name"]): void {
    this.#cancelTick();
    this.#inventory.forget();
    if (before === "greeting" || hasSession(before)) {
      this.#cancelTick = this.#options.clock.after(CLOSE_TIMEOUT_MS, () => this.#finish());
    } else {
      this.#finish();
    }
  }

  #finish(): void {
    if (this.#state.name !== "stopped") return;
    this.#cancelTick();
    this.#socket?.abandon();
    this.#end(this.#state);
  }

  #armTick(): void {
    this.#cancelTick();
    const dueMs = nextTickMs(this.#state);
    if (dueMs === undefined) return;
    const delayMs = Math.max(0, dueMs - this.#options.clock.monotonicMs());
    this.#cancelTick = this.#options.clock.after(delayMs, () => this.#on({ type: "tick" }));
  }

  #perform(effect: LinkEffect): void {
    switch (effect.type) {
      case "dial":
        this.#dial(effect.serverTimeMs);
        break;
      case "send_hello":
        this.#sendHello();
        break;
      case "send_heartbeat":
        this.#outbox?.beat();
        break;
      case "send_drain":
        this.#inventory.forget();
        this.#put({ t: "drain" });
        this.#options.server.endWaits();
        break;
      case "abandon":
        this.#socket?.abandon();
        this.#socket = undefined;
        this.#outbox?.close();
        break;
      case "close":
        this.#socket?.close(CLOSE_CODES.normal.code, "the relay stops");
        break;
      case "log_down":
        this.#logDown(effect);
        break;
    }
  }

  #logDown({ why, failures, waitMs }: Extract<LinkEffect, { type: "log_down" }>): void {
    this.#lastFailure = why;
    if (!this.#outage.isLogged(why, failures)) return;
    this.#options.log.warn("link_down", { why, failures, retry_in_ms: Math.round(waitMs) });
  }

  #dial(serverTimeMs: number | undefined): void {
    const { clock, createToken } = this.#options;
    if (serverTimeMs !== undefined) {
      this.#clockOffsetMs = serverTimeMs - clock.wallMs();
      const offset_s = Math.round(this.#clockOffsetMs / 1000);
      this.#options.log.warn("clock_differs", { offset_s });
    }
    const dial = (this.#dialCount += 1);
    createToken(clock.wallMs() + this.#clockOffsetMs)
      .then((token) => {
        if (dial === this.#dialCount) this.#open(token);
      })
      .catch((error: unknown) => {
        if (dial !== this.#dialCount) return;
        // The key can't sign, or the file of certificates can't be read.
        const reason = `the dial could not be begun: ${String(error)}`;
        this.#on({ type: "dial_failed", failure: { type: "unreachable", reason } });
      });
  }

  /** Events of a socket that is no longer the current one are ignored. */
  #open(token: string): void {
    if (this.#state.name !== "dialing") return;
    const socket = this.#options.dial(this.#options.url, token, {
      onOpen: () => this.#hear(socket, { type: "opened" }),
      onFailed: (failure) => this.#hear(socket, { type: "dial_failed", failure }),
      onText: (text) => this.#onText(socket, text),
      onClose: (code) => {
        this.#hear(socket, { type: "closed", code });
        this.#finish();
      },
    });
    this.#socket = socket;
    this.#outbox = new LinkOutbox(socket, this.#options.clock);
  }

  #hear(socket: LinkSocket, event: LinkEvent): void {
    if (socket === this.#socket) this.#on(event);
  }

  #sendHello(): void {
    const { clock, relayVersion, journalId } = this.#options;
    const journal_id = journalId();
    this.#sessionStartMs = clock.monotonicMs();
    this.#socket?.send(
      encodeFrame({
        t: "hello",
        versions: { min: MIN_LINK_VERSION, max: LINK_VERSION },
        relay_version: relayVersion,
        clock_ms: clock.wallMs(),
        features: [...RELAY_FEATURES],
        ...(journal_id === undefined ? {} : { journal_id }),
      }),
    );
  }

  #onText(socket: LinkSocket, text: string): void {
    this.#hear(socket, { type: "heard" });
    if (socket !== this.#socket) return;
    if (text === HEARTBEAT_RESPONSE) {
      this.#roundTripMs = this.#outbox?.onAnswer() ?? this.#roundTripMs;
      this.#closeIfDrained();
      return;
    }
    const texts = splitMessage(text);
    if (!texts.ok) this.#refuse(socket, texts.error);
    else for (const one of texts.value) if (!this.#onFrame(socket, one)) return;
  }

  #refuse(socket: LinkSocket, { reason }: FrameError): void {
    this.#options.log.error("frame_refused", { reason });
    socket.close(CLOSE_CODES.protocol_error.code, reason);
  }

  /** False if the frames after it are not looked at. */
  #onFrame(socket: LinkSocket, text: string): boolean {
    if (socket !== this.#socket) return false;
    const frame = parseWorkerFrame(text);
    if (!frame.ok) {
      this.#refuse(socket, frame.error);
      return false;
    }
    this.#take(frame.value);
    return true;
  }

  #take(frame: WorkerFrame): void {
    switch (frame.t) {
      case "welcome":
        this.#onWelcome(frame);
        break;
      case "req":
        this.#serve(frame);
        break;
      case "cancel":
        this.#options.server.cancel(frame.id);
        this.#outbox?.withdraw(frame.id);
        break;
      case "drained":
        this.#on({ type: "drained" });
        break;
      case "outcome":
        this.#tellOutcomes(frame.ids);
        break;
    }
  }

  /** Replaces one of its kind that still waits. */
  #put(frame: RelayFrame): void {
    this.#outbox?.put({ text: encodeFrame(frame), key: frame.t });
  }

  /** The same; false if a metered line has no budget left for it. */
  #putPaid(frame: RelayFrame, purpose: Purpose): boolean {
    const text = encodeFrame(frame);
    const bytes = sentBytes(text) + (this.#outbox?.waitingLength ?? 0);
    if (this.#options.budget?.refusalOf(purpose, bytes) !== undefined) return false;
    this.#outbox?.put({ text, key: frame.t });
    return true;
  }

  #serve(request: Request): void {
    const outbox = this.#outbox;
    if (outbox !== undefined) this.#calls.serve(request, { outbox, startMs: this.#sessionStartMs });
  }

  #tellOutcomes(ids: readonly string[]): void {
    const outbox = this.#outbox;
    void this.#options.server.outcomesOf(ids).then((writes) => {
      outbox?.put({
        text: encodeFrame({ t: "outcomes", writes }),
        key: `outcomes ${ids.join(" ")}`,
      });
    });
  }

  #onWelcome({
    session,
    heartbeat_interval_ms,
    server_time_ms,
    continuity,
    features = [],
  }: Welcome): void {
    const { clock, log, keepContinuity } = this.#options;
    if (continuity !== undefined) keepContinuity(continuity);
    this.#session = session;
    this.#roundTripMs = clock.monotonicMs() - this.#sessionStartMs;
    // The worker looked at its clock about half-way.
    const lookedMs = clock.wallMs() - this.#roundTripMs / 2;
    this.#shownOffsetMs =
      server_time_ms === undefined ? null : Math.round(lookedMs - server_time_ms);
    this.#on({ type: "welcomed", intervalMs: heartbeat_interval_ms });
    // It was told to stop meanwhile: what began now would never end.
    if (!hasSession(this.#state.name)) return;
    log.info("link_up", { session });
    this.#outbox?.begin(features, this.#roundTripMs);
    this.#inventory.begin();
    this.#options.lastKnown.begin({
      startMs: this.#sessionStartMs,
      send: (frame) => this.#putPaid(frame, "samples"),
    });
  }
}
