/** A relay as a desk asks it: it answers from a list and keeps what it was asked. */
import type { AskRelay, DeskCall } from "#shared/desk/desk-call.ts";
import type { MethodResult } from "#shared/link/method.ts";
import { readResult } from "../../../support/link/link-samples.ts";

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
