/**
 * A WebSocket message of the link: one frame, or several that were ready together, one a line. JSON text as written
 * here holds no line feed.
 */
import { err, ok, type Result } from "../result.ts";
import { isOverBytes, type FrameError } from "./frame.ts";
import { MAX_FRAME_BYTES, MAX_FRAMES_PER_MESSAGE } from "./limits.ts";

/** The frames' texts, in their order, not looked at yet. */
export function splitMessage(text: string): Result<readonly string[], FrameError> {
  if (isOverBytes(text, MAX_FRAME_BYTES)) {
    return err({ reason: "frame_too_large", limitBytes: MAX_FRAME_BYTES });
  }
  const frames = text.split("\n", MAX_FRAMES_PER_MESSAGE + 1);
  return frames.length > MAX_FRAMES_PER_MESSAGE
    ? err({ reason: "malformed", problem: "too many frames" })
    : ok(frames);
}

/** Frames are collected up to this length; a longer frame goes alone. In UTF-16 units. */
const MAX_JOINED_LENGTH = 64 * 1024;

/** Frames that wait for the end of the event-loop turn, to go as one message. */
export class Outbox {
  readonly #send: (message: string) => void;
  readonly #later: (run: () => void) => void;
  #frames: string[] = [];
  #length = 0;

  /** `later` runs its argument soon, once everything that is ready now has been put. */
  constructor(send: (message: string) => void, later: (run: () => void) => void) {
    this.#send = send;
    this.#later = later;
  }

  put(frame: string): void {
    const isFull =
      this.#length + frame.length > MAX_JOINED_LENGTH ||
      this.#frames.length === MAX_FRAMES_PER_MESSAGE;
    if (isFull) this.flush();
    this.#frames.push(frame);
    this.#length += frame.length + 1;
    if (this.#frames.length === 1) this.#later(() => this.flush());
  }

  flush(): void {
    if (this.#frames.length === 0) return;
    const message = this.#frames.join("\n");
    this.clear();
    this.#send(message);
  }

  /** Drops them: their link is gone. */
  clear(): void {
    this.#frames = [];
    this.#length = 0;
  }
}
