/** What a call is known by, here and on the device: random, made by the worker. */
import * as z from "zod/mini";

export const callIdSchema = z.string().check(z.regex(/^[0-9a-f]{32}$/));
