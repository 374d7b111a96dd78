/** The complete frames in a relay's messages: a message may hold several, and a frame may span several. */
import { splitMessage } from "#shared/link/message.ts";
import type { FrameError } from "#shared/link/frame.ts";
import { HALF_OPEN_AFTER_MS } from "#shared/link/limits.ts";
import { PartsIn } from "#shared/link/parts.ts";
import { ok, type Result } from "#shared/result.ts";

export interface Arrival {
  readonly texts: readonly string[];
  /** The relay took back a frame it had begun; doing that all the time would keep the object busy. */
  readonly isTakenBack: boolean;
}

export class FramesIn {
  readonly #parts = new PartsIn();
  readonly #look: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `look` is called while further parts fail to come, to see whether the relay is still there. */
  constructor(look: () => void) {
    this.#look = look;
  }

  take(message: string): Result<Arrival, FrameError> {
    const arrived = this.#parts.take(message);
    this.#arm();
    if (!arrived.ok) return arrived;
    if (arrived.value.type === "message") {
      const texts = splitMessage(arrived.value.text);
      return texts.ok ? ok({ texts: texts.value, isTakenBack: false }) : texts;
    }
    const texts = arrived.value.type === "frame" ? [arrived.value.text] : [];
    return ok({ texts, isTakenBack: arrived.value.type === "forgotten" });
  }

  clear(): void {
    this.#parts.clear();
    this.#arm();
  }

  /** An object with a timer does not sleep; asleep it would forget the parts received so far. */
  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#parts.isWaiting) return;
    this.#timer = setTimeout(() => {
      this.#look();
      this.#arm();
    }, HALF_OPEN_AFTER_MS);
  }
}
