/**
 * Ends a session without losing a call: the relay says that it leaves, the worker that no call follows. Only then does
 * the relay know that what it has under way is all there is.
 */
import * as z from "zod/mini";

export const drainSchema = z.object({ t: z.literal("drain") });
export const drainedSchema = z.object({ t: z.literal("drained") });
