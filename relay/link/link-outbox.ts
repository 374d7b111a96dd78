/**
 * What goes over a link, in its turn. Frames leave at once while the line takes them. What it does not take waits here,
 * where short frames can still overtake it and it can be taken back when nobody waits for it any more; long frames go
 * in parts if the worker takes those.
 */
import { BUDGET_FEATURE, LINK_SLOW_FEATURE, PARTS_FEATURE } from "#shared/link/features.ts";
import { HEARTBEAT_REQUEST } from "#shared/link/heartbeat.ts";
import { FORGET_PARTS, PART_LENGTH, PartsOut } from "#shared/link/parts.ts";
import type { Clock } from "../clock.ts";
import type { LinkSocket } from "./dial.ts";
import type { Line } from "./line-share.ts";
import { SendWindow } from "./send-window.ts";

/** Bounds what waits: some of a small gateway's memory, and minutes of a slow line. In UTF-16 units. */
export const MAX_WAITING_LENGTH = 2 * 1024 * 1024;

/** So little arrives while the socket is closed. */
const LITTLE = 2 * PART_LENGTH;

export interface Sending {
  readonly text: string;
  /** A later frame replaces a waiting one with the same key: a call's id, or the kind of frame. */
  readonly key: string;
  /** When nobody wants it any more, on the relay's monotonic clock. */
  readonly untilMs?: number | undefined;
  /** Goes with what else this turn brings. */
  readonly isWithOthers?: boolean;
  /** Long ones take turns with those that are not: a list does not wait behind the answers of all who follow records. */
  readonly isSamples?: boolean;
}

type Waiting = Pick<Sending, "key" | "untilMs" | "isSamples"> & { readonly text: string };

interface Going {
  readonly waiting: Waiting;
  readonly parts: PartsOut;
}

export class LinkOutbox {
  readonly #socket: LinkSocket;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #window = new SendWindow();
  readonly #short = new Map<string, Waiting>();
  readonly #long = new Map<string, Waiting>();
  #going: Going | undefined;
  /** The long one that began last. */
  #wasSamples = false;
  #takesParts = false;
  #knowsSlow = false;
  #knowsBudget = false;
  #isClosed = false;
  #waitingLength = 0;
  /** Short frames that overtook the long one that waits. */
  #passedLength = 0;

  constructor(socket: LinkSocket, clock: Pick<Clock, "monotonicMs">) {
    this.#socket = socket;
    this.#clock = clock;
  }

  get line(): Line {
    const { perSecond } = this.#window;
    return { perSecond, knowsSlow: this.#knowsSlow, knowsBudget: this.#knowsBudget };
  }

  /** How long the line takes for this many characters; 0 if it is not known to be narrow. */
  takesMs(length: number): number {
    const { perSecond } = this.#window;
    return perSecond === undefined ? 0 : (length / perSecond) * 1_000;
  }

  /** How much was put and has not gone. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  /** True if everything has arrived, except what a closing socket still has time for. */
  get isEmpty(): boolean {
    return !this.#isWaiting && this.#window.onItsWay <= LITTLE;
  }

  /** The socket is gone: nothing more is sent. */
  close(): void {
    this.#isClosed = true;
    this.#short.clear();
    this.#long.clear();
    this.#going = undefined;
    this.#waitingLength = 0;
  }

  /** What the greeting said and showed. */
  begin(features: readonly string[], roundTripMs: number): void {
    this.#takesParts = features.includes(PARTS_FEATURE);
    this.#knowsSlow = features.includes(LINK_SLOW_FEATURE);
    this.#knowsBudget = features.includes(BUDGET_FEATURE);
    this.#window.noteRoundTrip(roundTripMs);
  }

  /** False if there is no room for it: then it is not sent. */
  put({ text, isWithOthers = false, ...waiting }: Sending): boolean {
    if (this.#isClosed) return true;
    this.withdraw(waiting.key);
    if (!this.#isWaiting && text.length <= this.#window.room) {
      if (isWithOthers) this.#socket.sendSoon(text);
      else this.#socket.send(text);
      this.#sent(text.length);
      return true;
    }
    this.#dropOverdue();
    const isLong = text.length > PART_LENGTH;
    // Short ones have as much room again: refusals of calls that are too many, and outcomes, have no other bound.
    const maxLength = isLong ? MAX_WAITING_LENGTH : 2 * MAX_WAITING_LENGTH;
    if (this.#waitingLength + text.length > maxLength) return false;
    this.#waitingLength += text.length;
    (isLong ? this.#long : this.#short).set(waiting.key, { ...waiting, text });
    this.#pump();
    return true;
  }

  /** Takes it back: nobody waits for it any more. */
  withdraw(key: string): void {
    for (const lane of [this.#short, this.#long]) {
      const waiting = lane.get(key);
      if (waiting !== undefined) this.#drop(lane, waiting);
    }
    if (this.#going?.waiting.key === key) this.#takeBack();
  }

  beat(): void {
    if (this.#isClosed) return;
    this.#socket.send(HEARTBEAT_REQUEST);
    this.#window.beat(this.#clock.monotonicMs());
  }

  /** A heartbeat was answered: returns how long it took; undefined if none was sent. */
  onAnswer(): number | undefined {
    const tookMs = this.#window.answer(this.#clock.monotonicMs(), this.#isWaiting);
    this.#pump();
    return tookMs;
  }

  /** Makes sure that an answer will tell when everything has arrived. */
  askIfArrived(): void {
    if (!this.isEmpty && !this.#window.isAsked) this.beat();
  }

  get #isWaiting(): boolean {
    return this.#short.size > 0 || this.#long.size > 0 || this.#going !== undefined;
  }

  #sent(length: number): void {
    this.#window.send(length);
    if (this.#window.wantsBeat) this.beat();
  }

  #pump(): void {
    this.#dropOverdue();
    while (this.#isWaiting && this.#goNext()) this.#dropOverdue();
    if (this.#isWaiting && !this.#window.isAsked) this.beat();
  }

  /** False if the line takes no more for now. */
  #goNext(): boolean {
    const isLongDue = this.#passedLength >= PART_LENGTH || this.#short.size === 0;
    const isLongThere = this.#long.size > 0 || this.#going !== undefined;
    return isLongThere && isLongDue ? this.#goLong() : this.#goShort();
  }

  #goShort(): boolean {
    const [next] = this.#short.values();
    if (next === undefined || !this.#fits(next.text.length)) return false;
    this.#drop(this.#short, next);
    this.#passedLength += next.text.length;
    this.#socket.send(next.text);
    this.#sent(next.text.length);
    return true;
  }

  #goLong(): boolean {
    const going = this.#going ?? this.#begin();
    if (going === undefined || !this.#fits(this.#lengthOfNext(going))) return false;
    this.#passedLength = 0;
    const message = this.#takesParts ? going.parts.next() : going.waiting.text;
    this.#going = this.#takesParts && !going.parts.isDone ? going : undefined;
    if (this.#going === undefined) this.#waitingLength -= going.waiting.text.length;
    this.#socket.send(message);
    this.#sent(message.length);
    return true;
  }

  #lengthOfNext({ waiting }: Going): number {
    return this.#takesParts ? PART_LENGTH : waiting.text.length;
  }

  /** It counts as waiting until its last part has gone. */
  #begin(): Going | undefined {
    const [first, ...others] = this.#long.values();
    if (first === undefined) return undefined;
    const isDue = ({ isSamples = false }: Waiting) => isSamples !== this.#wasSamples;
    const waiting = isDue(first) ? first : (others.find(isDue) ?? first);
    this.#wasSamples = waiting.isSamples === true;
    this.#long.delete(waiting.key);
    this.#going = { waiting, parts: new PartsOut(waiting.text) };
    return this.#going;
  }

  /** What is longer than a window goes when nothing else is on its way. */
  #fits(length: number): boolean {
    return length <= this.#window.room || this.#window.onItsWay === 0;
  }

  #dropOverdue(): void {
    if (!this.#isWaiting) return;
    const nowMs = this.#clock.monotonicMs();
    const isOverdue = ({ untilMs = Number.POSITIVE_INFINITY }: Waiting) => nowMs > untilMs;
    for (const lane of [this.#short, this.#long]) {
      for (const waiting of lane.values()) if (isOverdue(waiting)) this.#drop(lane, waiting);
    }
    if (this.#going !== undefined && isOverdue(this.#going.waiting)) this.#takeBack();
  }

  #drop(lane: Map<string, Waiting>, { key, text }: Waiting): void {
    lane.delete(key);
    this.#waitingLength -= text.length;
  }

  #takeBack(): void {
    const going = this.#going;
    if (going === undefined) return;
    this.#going = undefined;
    this.#waitingLength -= going.waiting.text.length;
    if (going.parts.isBegun) this.#socket.send(FORGET_PARTS);
  }
}
