/**
 * One question at the device for all who follow the same records: whoever stands in an answer that is on its way to
 * another, or has just come, takes their part of it, so that a line carries each sample once, however many follow.
 * Each has asked by itself, is decided on by itself and has a place of their own; who stands elsewhere is asked for
 * as if they were alone. In memory only: who asks an object that forgot it all is asked for, too.
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

/** Long enough for those who took an answer together to ask on, short enough to be no record list of its own. */
const KEPT_MS = 5_000;
/** Of a quarter of a MiB at most. */
const MAX_KEPT = 32;

/** So often a device hears each name, and its log has it, though others ask too. */
const NAMED_EVERY_MS = 60_000;
/** More names than streams that wait here; who is forgotten is named sooner. */
const MAX_NAMES = 256;

export interface WatchQuestion extends Selection {
  /** Of the link, whose clock the times in an answer are of. */
  readonly session: string;
  readonly instance: string;
  readonly principal: string;
  /** Nobody waits for an answer longer. */
  readonly endsAtMs: number;
}

interface Watch {
  readonly about: string;
  readonly places: Places;
  readonly endsAtMs: number;
  readonly end: Promise<PendingEnd>;
  /** Ends it for all. */
  readonly drop: (why: Dropped) => void;
  /** Who asked, and who hear. */
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
  /** Who waits may not know the answer any more, or went away. */
  readonly drop: (why: Dropped) => void;
}

/** Undefined: it was nothing for who stands there. */
export type Heard = Waiting<PendingEnd | undefined>;

export interface Asking {
  readonly send: () => Promise<PendingEnd>;
  /** Ends what was sent. */
  readonly drop: (why: Dropped) => void;
}

export class SharedWatches {
  readonly #nowMs: () => number;
  readonly #underWay = new Set<Watch>();
  /** Oldest first, as are the names. */
  #kept: readonly Kept[] = [];
  readonly #namedAtMs = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Undefined: there is nothing to hear, or it is time that the device hears the principal's name. */
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

  /** What `send` comes to, for others to hear too: whose caller goes leaves the question to those. */
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

  /** Of several that follow each other the first that has something. */
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

  /** The one that was asked last, for its answer goes furthest. */
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

/** Whoever stands at the same places gets the answer as it is, whatever it says. */
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

/** The last one who waits ends it. */
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
