/** A JSON body: bounded in bytes, depth and width before it is parsed, then checked by its schema. */
import type * as z from "zod/mini";
import { describeIssue } from "#shared/parse/describe-issue.ts";
import { brokenBound, type JsonBounds } from "#shared/json/json-bounds.ts";
import { err, ok, type Result } from "#shared/result.ts";
import type { HttpError } from "../answer/error-response.ts";
import { readBody } from "./read-body.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

export const JSON_BOUNDS: JsonBounds = { maxDepth: 10, maxKeys: 100, maxItems: 1_000 };

/** An empty body counts as `{}`: every field may have a default. */
export async function readJson<S extends z.ZodMiniType>(
  request: Request,
  schema: S,
  limitBytes: number,
): Promise<Result<z.infer<S>, HttpError>> {
  const text = await readBody(request, limitBytes);
  if (!text.ok) {
    return err({
      status: 413,
      code: "too_large",
      message: `The body may have ${limitBytes} bytes at most.`,
    });
  }
  const broken = brokenBound(text.value, JSON_BOUNDS);
  if (broken !== undefined) return invalid(`The body has ${broken}.`);
  let value: unknown;
  try {
    value = text.value.trim() === "" ? {} : JSON.parse(text.value);
  } catch {
    return invalid("The body is not JSON.");
  }
  const parsed = safeParse(schema, value);
  if (parsed.success) return ok(parsed.data);
  const problems = parsed.error.issues.flatMap((issue) => describeIssue(issue, () => ""));
  return invalid(`Invalid body. ${problems.join("; ")}.`);
}

function invalid(message: string): Result<never, HttpError> {
  return err({ status: 400, code: "invalid_input", message });
}
