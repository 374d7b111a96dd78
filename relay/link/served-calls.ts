/** The calls that come over links: each is answered on the session that asked, or not at all. */
import { failure } from "#shared/failure.ts";
import { encodeFrame } from "#shared/link/frame.ts";
import type { Reply, Request } from "#shared/link/request.ts";
import type { Clock } from "../clock.ts";
import type { LinkOutbox } from "./link-outbox.ts";
import type { Server } from "./serve.ts";

export interface ServedCallsParts {
  readonly server: Server;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** One was answered, or needs no answer. */
  readonly onEnd: () => void;
}

interface LinkSession {
  readonly outbox: LinkOutbox;
  /** On the relay's monotonic clock. */
  readonly startMs: number;
}

export class ServedCalls {
  readonly #parts: ServedCallsParts;
  #underWay = 0;

  constructor(parts: ServedCallsParts) {
    this.#parts = parts;
  }

  get underWay(): number {
    return this.#underWay;
  }

  serve(request: Request, session: LinkSession): void {
    const { server, clock, onEnd } = this.#parts;
    this.#underWay += 1;
    const untilMs = clock.monotonicMs() + request.deadline_ms;
    const { outbox, startMs } = session;
    void server.handle(request, startMs, outbox.line).then((reply) => {
      this.#underWay -= 1;
      if (reply !== undefined) this.#answer(outbox, { request, reply, untilMs });
      onEnd();
    });
  }

  /**
   * While others are under way, with those of them that are ready: a message is dear, a frame is not. How a write ended is
   * of use whenever it comes.
   */
  #answer(
    outbox: LinkOutbox,
    { request, reply, untilMs }: { request: Request; reply: Reply; untilMs: number },
  ): void {
    const { id: key, instance, method } = request;
    const isWrite = method === "record.set";
    const text = encodeFrame(reply);
    const isWithOthers = this.#underWay > 0;
    const until = isWrite ? undefined : untilMs;
    const isInTime =
      isWrite || outbox.takesMs(text.length) <= untilMs - this.#parts.clock.monotonicMs();
    if (isInTime && outbox.put({ text, key, untilMs: until, isWithOthers })) return;
    if (isWrite) return;
    const { code: err, message, details } = isInTime ? LINE_FULL : LINE_SLOW;
    outbox.put({
      text: encodeFrame({ t: "reply", id: key, instance, err, message, details }),
      key,
    });
  }
}

const LINE_FULL = failure(
  "busy",
  "More waits for this relay's line than it carries. Ask for less, or later.",
  { retry_after_s: 5 },
);
const LINE_SLOW = failure(
  "busy",
  "The answer is longer than this relay's line carries within the call's deadline. Ask for less.",
);
