/** What became of writes whose reply was lost: the worker asks, the relay's journal answers. */
import * as z from "zod/mini";
import { callIdSchema } from "./call-id.ts";
import { MAX_OUTCOMES } from "./limits.ts";
import { writeOutcomeSchema } from "./methods/record-set.ts";

export const outcomeQuerySchema = z.object({
  t: z.literal("outcome"),
  ids: z.array(callIdSchema).check(z.minLength(1), z.maxLength(MAX_OUTCOMES)),
});

export const rememberedWriteSchema = z
  .object({
    id: callIdSchema,
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
