/** The calls that come over links: each is answered on the session that asked, or not at all. */
import { failure, type Failure } from "#shared/failure.ts";
import { encodeFrame } from "#shared/link/frame.ts";
import { EFFECTS } from "#shared/link/method.ts";
import type { Request } from "#shared/link/request.ts";
import type { Clock } from "../clock.ts";
import { sentBytes } from "../traffic/frame-bytes.ts";
import type { LinkBudget } from "../traffic/link-budget.ts";
import type { LinkOutbox } from "./link-outbox.ts";
import { printReply, type PrintedReply } from "./print-reply.ts";
import { PURPOSES } from "./purpose.ts";
import type { Server } from "./serve.ts";

export interface ServedCallsParts {
  readonly server: Server;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** A metered line's. */
  readonly budget?: LinkBudget | undefined;
  /** Called when a call was answered, or needs no answer. */
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
    const { server, clock, budget, onEnd } = this.#parts;
    this.#underWay += 1;
    const untilMs = clock.monotonicMs() + request.deadline_ms;
    const { outbox, startMs } = session;
    const { line: own } = outbox;
    const line = budget === undefined ? own : { ...own, budget, allowance: budget.allowance() };
    void server.handle(request, startMs, line).then((reply) => {
      this.#underWay -= 1;
      if (reply !== undefined) this.#answer(outbox, { request, untilMs, ...printReply(reply) });
      onEnd();
    });
  }

  /**
   * While others are under way, goes with those of them that are ready: a message is costly, a frame is not. How a
   * write ended is of use whenever it comes.
   */
  #answer(outbox: LinkOutbox, answered: Answered): void {
    const { request, text, untilMs } = answered;
    const { id: key, instance, method } = request;
    const isWrite = method === "record.set";
    const isWithOthers = this.#underWay > 0;
    const isSamples = PURPOSES[method] === "samples";
    const until = isWrite ? undefined : untilMs;
    const refusal = isWrite ? undefined : this.#refusalOf(outbox, answered);
    const isRefused = refusal !== undefined;
    if (!isRefused && outbox.put({ text, key, untilMs: until, isWithOthers, isSamples })) return;
    if (isWrite) return;
    const { code: err, message, details } = refusal ?? LINE_FULL;
    outbox.put({
      text: encodeFrame({ t: "reply", id: key, instance, err, message, details }),
      key,
    });
  }

  /** Why a line does not take it: too slow, or too expensive. */
  #refusalOf(outbox: LinkOutbox, { request, reply, text, untilMs }: Answered): Failure | undefined {
    const { clock, budget } = this.#parts;
    if (outbox.takesMs(text.length) > untilMs - clock.monotonicMs()) return LINE_SLOW;
    // Refusing would lose what was taken out of the host, and refusing an error saves nothing.
    if (budget === undefined || reply.ok === undefined || EFFECTS[request.method] !== "read") {
      return undefined;
    }
    return budget.refusalOf(PURPOSES[request.method], outbox.waitingLength + sentBytes(text));
  }
}

interface Answered extends PrintedReply {
  readonly request: Request;
  readonly untilMs: number;
}

const LINE_FULL = failure(
  "busy",
  "More is waiting for this relay's line than it can carry. Ask for less, or later.",
  { retry_after_s: 5 },
);
const LINE_SLOW = failure(
  "busy",
  "The answer is longer than this relay's line carries within the call's deadline. Ask for less.",
);
