/** A recorded session of a relay with its worker, and the tool calls that made it: JSON, a step a line. */
import type { ToolAnswer } from "../../support/clients/mcp.ts";

export interface Frame {
  readonly t: string;
  readonly id?: string;
  readonly method?: string;
  readonly params?: unknown;
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: Record<string, unknown>;
}

export type Step =
  | { readonly relay: Frame }
  | { readonly worker: Frame }
  | { readonly call: ToolCall }
  | { readonly answer: ToolAnswer };

export function parseSession(text: string): Step[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Step);
}

export function formatSession(steps: readonly Step[]): string {
  return steps.map((step) => `${JSON.stringify(step)}\n`).join("");
}

export interface Exchange {
  readonly asked: Frame;
  readonly reply: Frame;
}

export interface CallSection {
  readonly call: ToolCall;
  /** What the relay was asked for it. Which comes first may differ, where several were asked at once. */
  readonly exchanges: readonly Exchange[];
  readonly answer: ToolAnswer;
}

/** Call by call. */
export function sectionsOf(steps: readonly Step[]): CallSection[] {
  return steps.flatMap((step, from) => {
    if (!("call" in step)) return [];
    const own = steps.slice(from + 1);
    const to = own.findIndex((each) => "answer" in each);
    const answer = own[to];
    if (answer === undefined || !("answer" in answer)) throw new Error("A call has no answer");
    const frames = own.slice(0, to);
    const exchanges = frames.flatMap((each) =>
      "worker" in each ? [{ asked: each.worker, reply: replyTo(each.worker, frames) }] : [],
    );
    return [{ call: step.call, exchanges, answer: answer.answer }];
  });
}

function replyTo(asked: Frame, frames: readonly Step[]): Frame {
  const found = frames.flatMap((step) => ("relay" in step ? [step.relay] : []));
  const reply = found.find(({ id }) => id === asked.id);
  if (reply === undefined) throw new Error(`${asked.method} has no reply`);
  return reply;
}

/** Without what differs between sessions or releases: times, ages, ids, sentences, and the order of what is ordered by time. */
export function lasting(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return inOrder(value.map((item) => lasting(item, name)));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, part]) => [key, lasting(part, key)]),
    );
  }
  if (typeof value === "number" && VOLATILE_NUMBER.test(name)) return 0;
  if (typeof value === "string" && (VOLATILE_TEXT.test(name) || SENTENCE.test(name))) return "";
  return typeof value === "string" ? value.replaceAll(ISO_TIME, "") : value;
}

function inOrder(values: readonly unknown[]): unknown[] {
  return values.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

const VOLATILE_NUMBER = /(_ms|_s|_seconds|age|rate|_ns|per_second)$/;
const VOLATILE_TEXT = /(^|_)(id|version)$/;
/** The worker's own sentences for a model, which a later release may word differently. */
const SENTENCE = /^(why|note|next|message|source_is)$/;
const ISO_TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z?/g;
