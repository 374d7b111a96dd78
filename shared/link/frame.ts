/** Everything that may cross a link, by direction. PROTOCOL.md is the normative text. */
import * as z from "zod/mini";
import { parseJson, type JsonValue } from "../json/json.ts";
import { err, ok, type Result } from "../result.ts";
import { drainedSchema, drainSchema } from "./drain.ts";
import { helloSchema, welcomeSchema } from "./hello.ts";
import { inventorySchema } from "./inventory.ts";
import { lastKnownSchema } from "./last-known.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import { outcomeQuerySchema, outcomesSchema } from "./outcomes.ts";
import { cancelSchema, replySchema, requestSchema } from "./request.ts";
import { utf8Length } from "../json/utf8-length.ts";
import { safeParse } from "../parse/safe-parse.ts";

export const relayFrameSchema = z.discriminatedUnion("t", [
  helloSchema,
  inventorySchema,
  lastKnownSchema,
  replySchema,
  drainSchema,
  outcomesSchema,
]);
export type RelayFrame = z.infer<typeof relayFrameSchema>;

export const workerFrameSchema = z.discriminatedUnion("t", [
  welcomeSchema,
  requestSchema,
  cancelSchema,
  drainedSchema,
  outcomeQuerySchema,
]);
export type WorkerFrame = z.infer<typeof workerFrameSchema>;

export type FrameError =
  | { readonly reason: "frame_too_large"; readonly limitBytes: number }
  /** Not JSON, or not a frame of this direction. `problem` names the place, never the content. */
  | { readonly reason: "malformed"; readonly problem: string };

/** What the relay sent. Unknown fields are dropped: a newer peer may send more. */
export function parseRelayFrame(text: string): Result<RelayFrame, FrameError> {
  return parseFrame(relayFrameSchema, text);
}

/** What the worker sent. */
export function parseWorkerFrame(text: string): Result<WorkerFrame, FrameError> {
  return parseFrame(workerFrameSchema, text);
}

export function encodeFrame(frame: RelayFrame | WorkerFrame): string {
  return JSON.stringify(frame);
}

function parseFrame<S extends z.ZodMiniType>(
  schema: S,
  text: string,
): Result<z.infer<S>, FrameError> {
  if (isOverBytes(text, MAX_FRAME_BYTES)) {
    return err({ reason: "frame_too_large", limitBytes: MAX_FRAME_BYTES });
  }
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch {
    return err({ reason: "malformed", problem: "not JSON" });
  }
  const parsed = safeParse(schema, value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  return err({ reason: "malformed", problem: `${issue?.code} at ${issue?.path.join(".")}` });
}

/** UTF-8 needs one to three bytes per UTF-16 unit, so most texts are judged without encoding them. */
export function isOverBytes(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return true;
  return text.length * 3 > limitBytes && utf8Length(text) > limitBytes;
}
