/**
 * One question to several instances: in parallel, and what failed is named beside what came. With a
 * single target the answer stands at the top level.
 */
import * as z from "zod/mini";
import type { Failure } from "../failure.ts";
import type { JsonObject } from "../json.ts";
import { err, ok, type Result } from "../result.ts";
import type { ToolOutput } from "./tool.ts";

export const failedSchema = z.array(
  z.object({ instance: z.string(), code: z.string(), message: z.string() }),
);

export async function askAcross(
  [only, ...others]: readonly [string, ...string[]],
  ask: (instance: string) => Promise<Result<JsonObject, Failure>>,
): Promise<Result<ToolOutput, Failure>> {
  if (others.length === 0) {
    const answer = await ask(only);
    return answer.ok ? ok({ output: { instance: only, ...answer.value } }) : answer;
  }
  const answers = await Promise.all(
    [only, ...others].map(async (instance) => ({ instance, answer: await ask(instance) })),
  );
  const results = answers.flatMap(({ instance, answer }) =>
    answer.ok ? [{ instance, ...answer.value }] : [],
  );
  const failed = answers.flatMap(({ instance, answer }) =>
    answer.ok ? [] : [{ instance, code: answer.error.code, message: answer.error.message }],
  );
  const [first] = answers;
  if (results.length === 0 && first?.answer.ok === false) {
    return err({ ...first.answer.error, message: summarize(failed) });
  }
  return ok({ output: { results, failed, complete: failed.length === 0 } });
}

function summarize(failed: readonly { instance: string; message: string }[]): string {
  return `No instance answered. ${failed.map(({ instance, message }) => `${instance}: ${message}`).join(" ")}`;
}
