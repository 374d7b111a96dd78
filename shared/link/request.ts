/**
 * One call and its answer: AimX 3's `req` and `reply`, with what a link needs beside them. The id is
 * the call id, random and made by the worker: an object that slept would hand out a counter's
 * numbers twice, and a late reply would settle another principal's call.
 */
import * as z from "zod/mini";
import { nameSchema } from "../instance-id.ts";
import { callIdSchema } from "./call-id.ts";
import { errorCodeSchema, failureDetailsSchema } from "../failure.ts";
import { MAX_TRACEPARENT_LENGTH } from "../trace/trace-context.ts";
import { MAX_TRACESTATE_LENGTH } from "../trace/trace-state.ts";
import { jsonValueSchema } from "../json/json.ts";
import { MAX_DEADLINE_MS, MAX_TEXT_LENGTH } from "./limits.ts";
import { methodSchema } from "./method.ts";

export const requestSchema = z.object({
  t: z.literal("req"),
  id: callIdSchema,
  instance: nameSchema,
  /** Who asks, for the device's own log. A name, not a proof: the worker has already decided. */
  principal: z.string().check(z.maxLength(100)),
  /** Counted from receipt. No answer is wanted later. */
  deadline_ms: z.number().check(z.minimum(1), z.maximum(MAX_DEADLINE_MS)),
  method: methodSchema,
  params: jsonValueSchema,
  /** W3C Trace Context of the question, so that the device's step is part of its caller's trace. */
  traceparent: z.optional(z.string().check(z.maxLength(MAX_TRACEPARENT_LENGTH))),
  /** Goes with it, as the caller sent it. */
  tracestate: z.optional(z.string().check(z.maxLength(MAX_TRACESTATE_LENGTH))),
});
export type Request = z.infer<typeof requestSchema>;

/** Exactly one of `ok` and `err`, as in AimX; `message` goes with `err`. */
export const replySchema = z
  .object({
    t: z.literal("reply"),
    id: callIdSchema,
    instance: nameSchema,
    ok: z.optional(jsonValueSchema),
    err: z.optional(errorCodeSchema),
    message: z.optional(z.string().check(z.maxLength(MAX_TEXT_LENGTH))),
    details: z.optional(failureDetailsSchema),
  })
  .check(z.refine((reply) => (reply.ok === undefined) !== (reply.err === undefined)));
export type Reply = z.infer<typeof replySchema>;

/** Nobody waits any more. A write that was sent is not undone. */
export const cancelSchema = z.object({ t: z.literal("cancel"), id: callIdSchema });
