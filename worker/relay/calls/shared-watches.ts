/**
 * One question at the device for all who follow the same records. If an answer that is on its way to another
 * reader, or has just come, covers a reader's position, that reader takes its part of it, so that the line carries
 * each sample once, however many follow. Each reader asks, is decided on and has a position by itself; one whose
 * position is not covered is asked for separately. In memory only: after a reset, each reader's question is sent
 * again.
 */
import type { Dropped, PendingEnd } from "../link/pending.ts";
import {
  areAtOrPast,
  areSame,
  endsOf,
  restOf,
  type Places,
  type Selection,
} from "./watch-places.ts";

/** Long enough for readers that took an answer together to ask again, too short to serve as a list of records. */
const KEPT_MS = 5_000;
/** A quarter of a MiB each at most. */
const MAX_KEPT = 32;

/**
 * How often the device is asked in each principal's name, so that its log has the name, even if an answer could be
 * shared.
 */
const NAMED_EVERY_MS = 60_000;
/** More names than streams that wait here; a forgotten one is named again sooner. */
const MAX_NAMES = 256;

export interface WatchQuestion extends Selection {
  /** The link's session, whose clock the times in an answer refer to. */
  readonly session: string;
  readonly instance: string;
  readonly principal: string;
  /** When the reader stops waiting for an answer. */
  readonly endsAtMs: number;
}

interface Watch {
  readonly about: string;
  readonly places: Places;
  readonly endsAtMs: number;
  readonly end: Promise<PendingEnd>;
  /** Ends the question for all that wait for it. */
  readonly drop: (why: Dropped) => void;
  /** How many wait: the one that asked, and those that share the answer. */
  waiting: number;
}

interface Kept {
  readonly about: string;
  readonly places: Places;
  readonly ends: Places;
  readonly end: Extract<PendingEnd, { type: "reply" }>;
  readonly atMs: number;
}

export interface Waiting<T> {
  readonly end: Promise<T | Dropped>;
  /** Ends the wait: the reader may no longer see the answer, or has gone. */
  readonly drop: (why: Dropped) => void;
}

/** Undefined: the answer had nothing new for this reader's position. */
export type Heard = Waiting<PendingEnd | undefined>;

export interface Asking {
  readonly send: () => Promise<PendingEnd>;
  /** Ends the question that was sent. */
  readonly drop: (why: Dropped) => void;
}

export class SharedWatches {
  readonly #nowMs: () => number;
  readonly #underWay = new Set<Watch>();
  /** Oldest first, like the names. */
  #kept: readonly Kept[] = [];
  readonly #namedAtMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined if there is nothing to share, or it is time to ask in the principal's own name. */
  hear(question: WatchQuestion): Heard | undefined {
    const namedAtMs = this.#namedAtMs.get(nameOf(question)) ?? Number.NEGATIVE_INFINITY;
    if (this.#nowMs() - namedAtMs >= NAMED_EVERY_MS) return undefined;
    const kept = this.#findKept(question);
    if (kept !== undefined) return { end: Promise.resolve(kept), drop: () => {} };
    const watch = this.#findUnderWay(question);
    if (watch === undefined) return undefined;
    watch.waiting += 1;
    const part = watch.end.then((end) => partOf(end, watch.places, question.places));
    return droppable(part, () => leave(watch));
  }

  /** Sends the question so that others can share its answer: if the caller goes, they keep it. */
  ask(question: WatchQuestion, { send, drop }: Asking): Waiting<PendingEnd> {
    const { places, endsAtMs } = question;
    const about = aboutOf(question);
    const watch = { about, places, endsAtMs, end: send(), drop, waiting: 1 };
    this.#underWay.add(watch);
    return droppable(this.#untilEnd(question, watch), (why) => {
      if (why.type === "outdated") drop(why);
      else leave(watch);
    });
  }

  async #untilEnd(question: WatchQuestion, watch: Watch): Promise<PendingEnd> {
    try {
      const end = await watch.end;
      if (end.type === "reply") this.#noteReply(question, end);
      return end;
    } finally {
      this.#underWay.delete(watch);
    }
  }

  /** The first of consecutive answers that has something new. */
  #findKept(question: WatchQuestion): PendingEnd | undefined {
    const { places } = question;
    const about = aboutOf(question);
    const sinceMs = this.#nowMs() - KEPT_MS;
    const isOf = (one: Kept) => one.about === about && one.atMs >= sinceMs;
    for (const kept of this.#kept.filter(isOf).toReversed()) {
      if (areAtOrPast(places, kept.ends)) return undefined;
      const part = partOf(kept.end, kept.places, places);
      if (part !== undefined) return part;
    }
    return undefined;
  }

  /** The most recent question, whose answer reaches furthest. */
  #findUnderWay(question: WatchQuestion): Watch | undefined {
    const about = aboutOf(question);
    return [...this.#underWay].findLast(
      (one) =>
        one.about === about &&
        one.endsAtMs <= question.endsAtMs &&
        areAtOrPast(question.places, one.places),
    );
  }

  #noteReply(question: WatchQuestion, end: Kept["end"]): void {
    const atMs = this.#nowMs();
    const name = nameOf(question);
    this.#namedAtMs.delete(name);
    this.#namedAtMs.set(name, atMs);
    const [oldest] = this.#namedAtMs.keys();
    if (oldest !== undefined && this.#namedAtMs.size > MAX_NAMES) this.#namedAtMs.delete(oldest);
    const { places } = question;
    const ends = endsOf(end.reply.ok, places);
    if (ends === undefined) return;
    const about = aboutOf(question);
    const young = this.#kept.filter((one) => one.atMs >= atMs - KEPT_MS);
    this.#kept = [...young, { about, places, ends, end, atMs }].slice(-MAX_KEPT);
  }
}

/** A reader at the very same positions gets the answer unchanged, whatever it is. */
function partOf(end: PendingEnd, from: Places, places: Places): PendingEnd | undefined {
  if (end.type === "outdated" || end.type === "cancelled") return undefined;
  if (end.type !== "reply" || areSame(from, places)) return end;
  if (!areAtOrPast(places, from)) return undefined;
  const rest = restOf(end.reply.ok, from, places);
  return rest === undefined ? undefined : { type: "reply", reply: { ...end.reply, ok: rest } };
}

function droppable<T>(end: Promise<T>, onDrop: (why: Dropped) => void): Waiting<T> {
  let settle: (why: Dropped) => void = () => {};
  const dropped = new Promise<Dropped>((resolve) => {
    settle = resolve;
  });
  const drop = (why: Dropped) => {
    settle(why);
    onDrop(why);
  };
  return { end: Promise.race([end, dropped]), drop };
}

/** When the last reader leaves, the question ends. */
function leave(watch: Watch): void {
  watch.waiting -= 1;
  if (watch.waiting === 0) watch.drop({ type: "cancelled" });
}

function aboutOf({ session, instance, key }: WatchQuestion): string {
  return [session, instance, key].join(" ");
}

function nameOf(question: WatchQuestion): string {
  return [question.principal, aboutOf(question)].join(" ");
}
