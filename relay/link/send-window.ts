/**
 * How much may be on its way at once. What the kernel was given can't be taken back, nor overtaken by what is urgent,
 * so a slow line gets no more than it carries in a moment. Each answered heartbeat says that all before it arrived. In
 * characters of frames. Pure: times are arguments.
 */

/** Before anything is known: on a line of 8 kbit/s it still arrives within the time of a heartbeat. */
export const FIRST_WINDOW = 8 * 1024;
export const MAX_WINDOW = 1024 * 1024;

/** How much of the line's time is given away, in addition to the round trip. */
const WINDOW_MS = 1_500;

/** Lines let a burst pass and are slow after it: a window grows by no more than that over what was seen to arrive. */
const GROWTH = 4;

/** A longer time is a queue's doing, not the line's. */
const MAX_ROUND_TRIP_MS = 1_000;

/** No full window should take longer: one that does is too much for the line, whether or not more waits. */
const OVERFULL_MS = WINDOW_MS + 2 * MAX_ROUND_TRIP_MS;

/** Less than clocks can distinguish. */
const MIN_INTERVAL_MS = 1;

/**
 * A line on which frames waited all this time is narrow. Windows of wide ones grow past what waits within a few round
 * trips.
 */
const NARROW_AFTER_MS = 4_000;
/** A shorter time says less, but may show that the line became wider; */
const WIDER_AFTER_MS = 500;
/** and this many answers in a row, to enough data to tell, show that it is another line now. */
const OTHER_LINE_ANSWERS = 5;
const OTHER_LINE_TIMES = 2;
const TELLING_LENGTH = FIRST_WINDOW / 2;

interface Mark {
  readonly atMs: number;
  /** How much had been sent by then. */
  readonly sent: number;
  /** How much of it was not known to have arrived. */
  readonly onItsWay: number;
}

export class SendWindow {
  #sent = 0;
  #arrived = 0;
  readonly #marks: Mark[] = [];
  #perMs: number | undefined;
  /** The most that was on its way at once and arrived. */
  #proven = 0;
  #narrowPerMs: number | undefined;
  /** Answers in a row that came too soon for that rate. */
  #tooSoonCount = 0;
  /** Since when frames have been waiting, and what had arrived by then. */
  #full: { readonly sinceMs: number; readonly arrived: number } | undefined;
  /** The shortest that was seen. */
  #roundTripMs = MAX_ROUND_TRIP_MS;

  /** What a narrow line carries, in characters a second. */
  get perSecond(): number | undefined {
    return this.#narrowPerMs === undefined ? undefined : this.#narrowPerMs * 1_000;
  }

  get onItsWay(): number {
    return this.#sent - this.#arrived;
  }

  get room(): number {
    // A rate that is measured over round trips is less than the line's, until what goes in one is more than fits.
    const carried = (this.#perMs ?? 0) * (WINDOW_MS + 2 * this.#roundTripMs);
    const trusted = Math.min(carried, this.#proven * GROWTH, MAX_WINDOW);
    return Math.max(trusted, FIRST_WINDOW) - this.onItsWay;
  }

  /** True while a heartbeat is unanswered. */
  get isAsked(): boolean {
    return this.#marks.length > 0;
  }

  /** Enough was sent that a heartbeat's answer should be under way before the window is full. */
  get wantsBeat(): boolean {
    return this.#unmarked > 0 && this.#unmarked >= this.room;
  }

  get #unmarked(): number {
    return this.#sent - (this.#marks.at(-1)?.sent ?? this.#arrived);
  }

  /** The round trip of something short with nothing before it: the greeting. */
  noteRoundTrip(ms: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs, ms);
  }

  send(length: number): void {
    this.#sent += length;
  }

  /** A heartbeat was sent. */
  beat(nowMs: number): void {
    this.#marks.push({ atMs: nowMs, sent: this.#sent, onItsWay: this.onItsWay });
  }

  /**
   * A heartbeat was answered: returns how long it took, undefined if none was sent. `isWaiting`: there was more to
   * send, so the line was full, and may have become slower; else it is at least as fast as that.
   */
  answer(nowMs: number, isWaiting: boolean): number | undefined {
    const mark = this.#marks.shift();
    if (mark === undefined) return undefined;
    this.#arrived = Math.max(this.#arrived, mark.sent);
    this.#proven = Math.max(this.#proven, mark.onItsWay);
    const tookMs = nowMs - mark.atMs;
    this.noteRoundTrip(tookMs);
    const perMs = mark.onItsWay / Math.max(tookMs, MIN_INTERVAL_MS);
    const before = this.#perMs ?? perMs;
    const isSlower = isWaiting && perMs < before;
    const next = isSlower ? (before + perMs) / 2 : Math.max(before, perMs);
    this.#perMs = Math.min(next, mostCarried(mark, tookMs));
    this.#measureFull(nowMs, isWaiting);
    if (mark.onItsWay >= TELLING_LENGTH) this.#lookForOtherLine(perMs);
    return tookMs;
  }

  #lookForOtherLine(perMs: number): void {
    const isTooSoon = perMs > (this.#narrowPerMs ?? Infinity) * OTHER_LINE_TIMES;
    this.#tooSoonCount = isTooSoon ? this.#tooSoonCount + 1 : 0;
    if (this.#tooSoonCount >= OTHER_LINE_ANSWERS) this.#narrowPerMs = undefined;
  }

  #measureFull(nowMs: number, isWaiting: boolean): void {
    const start = { sinceMs: nowMs, arrived: this.#arrived };
    const full = this.#full ?? start;
    const ms = nowMs - full.sinceMs;
    const perMs = (this.#arrived - full.arrived) / ms;
    const isLong = ms >= NARROW_AFTER_MS;
    const isWider = ms >= WIDER_AFTER_MS && perMs > (this.#narrowPerMs ?? Infinity);
    if (isLong || isWider) this.#narrowPerMs = perMs;
    if (!isWaiting) this.#full = undefined;
    else this.#full = isLong ? start : full;
  }
}

/** The rate in a millisecond: everything on its way has passed meanwhile. */
function mostCarried({ onItsWay }: Mark, tookMs: number): number {
  const isTelling = onItsWay >= TELLING_LENGTH && tookMs > OVERFULL_MS;
  return isTelling ? onItsWay / (tookMs - MAX_ROUND_TRIP_MS) : Infinity;
}
