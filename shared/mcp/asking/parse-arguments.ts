/** Arguments as a tool takes them. */
import type * as z from "zod/mini";
import { isJsonObject } from "../../json/json.ts";
import { safeParse } from "../../parse/safe-parse.ts";

/**
 * Some clients and models fill in every argument, with null or an empty text for those that they mean to leave out: if
 * that is no valid value of an optional argument, it counts as left out.
 */
export function parseArguments<S extends z.ZodMiniType>(
  input: S,
  given: unknown,
): ReturnType<typeof safeParse<S>> {
  const parsed = safeParse(input, given);
  if (parsed.success || !isJsonObject(given)) return parsed;
  const refused = new Set(parsed.error.issues.map(({ path }) => path[0]));
  const meant = Object.entries(given).filter(
    ([name, value]) => !refused.has(name) || (value !== null && value !== ""),
  );
  const again = safeParse(input, Object.fromEntries(meant));
  return again.success ? again : parsed;
}
