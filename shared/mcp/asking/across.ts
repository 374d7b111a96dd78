/**
 * One question to several instances, in parallel; failures are listed beside the answers. With a single target the
 * answer is at the top level.
 */
import * as z from "zod/mini";
import { failure, type Failure } from "../../failure.ts";
import type { JsonObject } from "../../json/json.ts";
import { err, ok, type Result } from "../../result.ts";
import { byteLength, fittingPrefix, fittingText, sizeLimit } from "../answers/fit.ts";
import { MAX_REASON_LENGTH, MAX_TARGETS } from "../limits.ts";
import { presentableText } from "../answers/presentable.ts";
import type { ToolOutput } from "../tool.ts";

export const acrossOutput = {
  instance: z.optional(z.string()),
  results: z.optional(z.array(z.looseObject({}))),
  failed: z.optional(z.array(z.looseObject({}))),
  complete: z.optional(z.boolean()),
};

export interface Across {
  readonly maxBytes: number | undefined;
  /** The least that one of several may use, however many there are. */
  readonly minShareBytes: number;
  /** Fewer than MAX_TARGETS, if asking one takes several calls. */
  readonly maxTargets?: number | undefined;
  readonly ask: (target: Target) => Promise<Result<JsonObject, Failure>>;
}

export interface Target {
  readonly instance: string;
  /** What its answer may take. */
  readonly maxBytes: number;
  readonly isOnly: boolean;
}

/** Beside the answers: `results`, `failed`, `complete` and what was left out. */
const FRAME_BYTES = 300;

type Targets = readonly [string, ...string[]];

export async function askAcross(
  targets: Targets,
  { maxBytes, minShareBytes, maxTargets = MAX_TARGETS, ask }: Across,
): Promise<Result<ToolOutput, Failure>> {
  const limit = sizeLimit(maxBytes);
  const [only, ...others] = targets;
  if (others.length === 0) {
    const answer = await ask({
      instance: only,
      maxBytes: limit - byteLength({ instance: only }),
      isOnly: true,
    });
    return answer.ok ? ok({ output: { instance: only, ...answer.value } }) : answer;
  }
  const asked = targets.slice(0, maxTargets);
  const share = Math.max(minShareBytes, Math.floor((limit - FRAME_BYTES) / asked.length));
  const answers = await Promise.all(
    asked.map(async (instance) => {
      const bytes = share - byteLength({ instance });
      return { instance, answer: await ask({ instance, maxBytes: bytes, isOnly: false }) };
    }),
  );
  return combine(answers, targets.length, limit - FRAME_BYTES);
}

interface Answered {
  readonly instance: string;
  readonly answer: Result<JsonObject, Failure>;
}

function combine(
  answers: readonly Answered[],
  targetCount: number,
  maxBytes: number,
): Result<ToolOutput, Failure> {
  const [first] = answers;
  if (answers.every(({ answer }) => isForeign(answer))) return err(foreignToAll(answers));
  if (first?.answer.ok === false && answers.every(({ answer }) => !answer.ok)) {
    return err({ ...first.answer.error, message: summarize(answers) });
  }
  const concerned = answers.filter(({ answer }) => !isForeign(answer));
  const rows = concerned.map(toRow);
  const shown = concerned.slice(0, fittingPrefix(rows, maxBytes, 1).length);
  const failed = shown.filter(({ answer }) => !answer.ok).map(toRow);
  const results = shown.filter(({ answer }) => answer.ok).map(toRow);
  const leftOut = targetCount - (answers.length - concerned.length) - shown.length;
  const isComplete = failed.length === 0 && leftOut === 0 && !results.some(isPartial);
  return ok({
    output: { results, failed, complete: isComplete, ...(leftOut > 0 ? leaveOut(leftOut) : {}) },
  });
}

/** Of those that were asked, the answer is that of all that have the record. */
function isForeign(answer: Answered["answer"]): boolean {
  return !answer.ok && answer.error.code === "unknown_record";
}

const MAX_NEAREST = 5;

/** Nothing failed: none of them has it, and what is nearest may be in any. */
function foreignToAll(answers: readonly Answered[]): Failure {
  const names = answers.flatMap(({ answer }) =>
    answer.ok ? [] : (answer.error.details?.nearest ?? []),
  );
  const nearest = [...new Set(names)].slice(0, MAX_NEAREST);
  const hint = nearest.length > 0 ? ` Nearest: ${nearest.join(", ")}.` : "";
  const message = `None of the ${answers.length} instances that were asked has this record.${hint}`;
  return failure("unknown_record", message, { nearest });
}

/** An answer that says of itself that there is more. */
function isPartial(row: JsonObject): boolean {
  const { complete, next_cursor, not_shown, total_is, value_truncated } = row;
  return (
    complete === false ||
    value_truncated !== undefined ||
    typeof next_cursor === "string" ||
    Number(not_shown ?? 0) > 0 ||
    total_is === "at_least"
  );
}

function leaveOut(count: number): JsonObject {
  const next =
    "The others did not fit. Name instances or a glob (discover_instances lists them), or ask with a larger max_bytes.";
  return { left_out: count, next };
}

function toRow({ instance, answer }: Answered): JsonObject {
  if (answer.ok) return { instance, ...answer.value };
  return { instance, code: answer.error.code, message: shortMessage(answer.error) };
}

function shortMessage({ message }: Failure): string {
  return fittingText(presentableText(message, MAX_REASON_LENGTH), MAX_REASON_LENGTH);
}

/** The first ones: with many instances the reasons are the same. */
const MAX_SUMMARIZED = 5;

function summarize(answers: readonly Answered[]): string {
  const reasons = answers
    .slice(0, MAX_SUMMARIZED)
    .flatMap(({ instance, answer }) =>
      answer.ok ? [] : [`${instance}: ${shortMessage(answer.error)}`],
    );
  const more =
    answers.length > MAX_SUMMARIZED ? ` And ${answers.length - MAX_SUMMARIZED} more.` : "";
  return `None of the ${answers.length} instances gave it. ${reasons.join(" ")}${more}`;
}
