/**
 * A long frame in parts, each a message of its own, so that short frames and the heartbeat get their turn between them.
 * One frame at a time. A mark precedes a part's text; no frame begins with one, since a frame is JSON.
 */
import { err, ok, type Result } from "../result.ts";
import { isOverBytes, type FrameError } from "./frame.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";

/** Half a second of a 64 kbit/s line. In UTF-16 units. */
export const PART_LENGTH = 4 * 1024;

/** Parts of one frame, however short they are. */
const MAX_PARTS = (2 * MAX_FRAME_BYTES) / PART_LENGTH;

const MORE = "+";
const LAST = "=";
/** Discard the parts that came. */
export const FORGET_PARTS = "-";

/** The messages of a frame, one after the other. */
export class PartsOut {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isBegun(): boolean {
    return this.#at > 0;
  }

  get isDone(): boolean {
    return this.#at >= this.#text.length;
  }

  next(): string {
    const start = this.#at;
    this.#at = endOfPart(this.#text, start + PART_LENGTH);
    const mark = this.isDone ? LAST : MORE;
    return mark + this.#text.slice(start, this.#at);
  }
}

/** Half of a surrogate pair is not a text. */
function endOfPart(text: string, end: number): number {
  const before = text.charCodeAt(end - 1);
  const isInPair = end < text.length && before >= 0xd800 && before < 0xdc00;
  return isInPair ? end + 1 : end;
}

export type Arrived =
  /** The message was no part. */
  | { readonly type: "message"; readonly text: string }
  /** The last part came. */
  | { readonly type: "frame"; readonly text: string }
  | { readonly type: "part" }
  | { readonly type: "forgotten" };

/** The parts that came of a frame. */
export class PartsIn {
  #parts: string[] = [];
  #length = 0;

  get isWaiting(): boolean {
    return this.#parts.length > 0;
  }

  take(message: string): Result<Arrived, FrameError> {
    const mark = message.charAt(0);
    if (mark === FORGET_PARTS) {
      this.clear();
      return ok({ type: "forgotten" });
    }
    if (mark !== MORE && mark !== LAST) return ok({ type: "message", text: message });
    this.#parts.push(message.slice(1));
    this.#length += message.length - 1;
    // A text has at least as many bytes as units: what is longer need not be joined.
    if (this.#length > MAX_FRAME_BYTES || this.#parts.length > MAX_PARTS) return this.#refuse();
    if (mark === MORE) return ok({ type: "part" });
    const text = this.#parts.join("");
    if (isOverBytes(text, MAX_FRAME_BYTES)) return this.#refuse();
    this.clear();
    return ok({ type: "frame", text });
  }

  clear(): void {
    this.#parts = [];
    this.#length = 0;
  }

  #refuse(): Result<never, FrameError> {
    this.clear();
    return err({ reason: "frame_too_large", limitBytes: MAX_FRAME_BYTES });
  }
}
