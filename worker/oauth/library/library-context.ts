/**
 * Stands in for the platform's request context, which the OAuth library expects. Nothing in the roles used here
 * waits on it; the resource server leaves in it what it found out about the token.
 */
import * as z from "zod/mini";

const contextSchema = z.custom<ExecutionContext>((value) => typeof value === "object");

export function libraryContext(): ExecutionContext {
  return contextSchema.parse({
    waitUntil: () => undefined,
    passThroughOnException: () => undefined,
  });
}
