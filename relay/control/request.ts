/**
 * What the owner of a running relay may ask it, one JSON line each way. A closed list, and nobody but
 * the relay's own user (and root) can open the socket.
 */
import * as z from "zod/mini";
import { callIdSchema } from "#shared/link/call-id.ts";
import type { JsonValue } from "#shared/json/json.ts";

export const controlRequestSchema = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("status") }),
  /** Writes that wait for an approval on this device. */
  z.strictObject({ ask: z.literal("writes") }),
  z.strictObject({
    ask: z.literal("decide"),
    id: callIdSchema,
    approve: z.boolean(),
  }),
]);
export type ControlRequest = z.infer<typeof controlRequestSchema>;

export const controlAnswerSchema = z.union([
  z.object({ ok: z.unknown() }),
  z.object({ error: z.string() }),
]);

/** Answers each request of the list; a rejection is shown to the owner as it is. */
export type ControlHandlers = {
  readonly [Ask in ControlRequest["ask"]]: (
    request: Extract<ControlRequest, { ask: Ask }>,
  ) => Promise<JsonValue>;
};

/** The relay answers a decision by then: with the write's outcome, or that it is still under way. */
export const DECIDED_WITHIN_MS = 20_000;

/** A request is a few names; an answer lists what an inventory lists. */
export const MAX_REQUEST_BYTES = 4 * 1024;
export const MAX_ANSWER_BYTES = 1024 * 1024;
