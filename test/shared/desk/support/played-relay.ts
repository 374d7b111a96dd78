/** A relay as a desk asks it: it answers from a list and keeps what it was asked. */
import type { AskRelay, DeskCall } from "#shared/desk/desk-call.ts";
import type { MethodResult } from "#shared/link/method.ts";
import type { LinkSample } from "#shared/link/sample.ts";

export type Answer = Awaited<ReturnType<AskRelay>>;

export const SESSION_STARTED_AT_MS = 1_000;

export class PlayedRelay {
  readonly asked: DeskCall[] = [];
  /** The first is given next; without one, a read that found nothing. */
  answers: (Answer | MethodResult<"samples.read"> | Promise<Answer>)[] = [];

  readonly ask: AskRelay = async (call) => {
    this.asked.push(call);
    const answer = await (this.answers.shift() ?? readResult());
    return "ok" in answer ? answer : answered(answer);
  };
}

export function answered(value: unknown): Answer {
  return { ok: true, value: { value, sessionStartedAtMs: SESSION_STARTED_AT_MS } };
}

export function sample(change: Partial<LinkSample> = {}): LinkSample {
  return {
    value: { celsius: 21.5 },
    at_ms: 0,
    time_source: "observed",
    sequence: 1,
    epoch: "e.0",
    ...change,
  };
}

export function readResult(
  change: Partial<MethodResult<"samples.read">> = {},
): MethodResult<"samples.read"> {
  return {
    record_key: "sensor.temp",
    loss: "counted",
    samples: [],
    gaps: [],
    cursor: { epoch: "e.0", sequence: 0 },
    more: false,
    ...change,
  };
}
