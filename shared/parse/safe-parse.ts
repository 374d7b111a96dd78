/**
 * `safeParse` that is safe. zod's length checks look at whatever has a `length`, of any type, and compare it:
 * `{"length": {"toString": 0, "valueOf": 0}}` has no value to compare, so they throw.
 */
import * as z from "zod/mini";

/* oxlint-disable eslint/no-restricted-properties -- this is what the others use in its place */

type SafeParsed<S extends z.ZodMiniType> = ReturnType<typeof z.safeParse<S>>;

export function safeParse<S extends z.ZodMiniType>(schema: S, value: unknown): SafeParsed<S> {
  try {
    return z.safeParse(schema, value);
  } catch {
    return z.safeParse(UNREADABLE, value);
  }
}

const UNREADABLE = z.never({ error: "has a form that can't be read" });
