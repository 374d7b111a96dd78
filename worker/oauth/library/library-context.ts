/**
 * What the OAuth library takes as the platform's context of a request. It waits for nothing in the
 * roles used here; the resource server leaves in it what it found out about the token.
 */
import * as z from "zod/mini";

const contextSchema = z.custom<ExecutionContext>((value) => typeof value === "object");

export function libraryContext(): ExecutionContext {
  return contextSchema.parse({
    waitUntil: () => undefined,
    passThroughOnException: () => undefined,
  });
}
