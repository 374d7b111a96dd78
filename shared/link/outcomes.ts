/** What became of writes whose reply was lost: the worker asks, the relay's journal answers. */
import * as z from "zod/mini";
import { MAX_OUTCOMES } from "./limits.ts";
import { writeOutcomeSchema } from "./methods/record-set.ts";

const callId = z.string().check(z.regex(/^[0-9a-f]{32}$/));

export const outcomeQuerySchema = z.object({
  t: z.literal("outcome"),
  ids: z.array(callId).check(z.minLength(1), z.maxLength(MAX_OUTCOMES)),
});

export const rememberedWriteSchema = z
  .object({
    id: callId,
    /** `never_seen`: the journal has nothing under this id, and the relay will never begin it. */
    state: z.enum(["never_seen", "awaiting_local", "under_way", "ended"]),
    outcome: z.optional(writeOutcomeSchema),
  })
  .check(z.refine(({ state, outcome }) => (state === "ended") === (outcome !== undefined)));
export type RememberedWrite = z.infer<typeof rememberedWriteSchema>;

export const outcomesSchema = z.object({
  t: z.literal("outcomes"),
  writes: z.array(rememberedWriteSchema).check(z.maxLength(MAX_OUTCOMES)),
});
