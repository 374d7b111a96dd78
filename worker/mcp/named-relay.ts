/** The relay that a tool call names, so that it can be looked up together with the token. */
import * as z from "zod/mini";
import { parseInstanceId } from "#shared/instance-id.ts";
import { safeParse } from "#shared/safe-parse.ts";

const callSchema = z.object({
  method: z.literal("tools/call"),
  params: z.object({ arguments: z.object({ instance: z.string() }) }),
});

/** Undefined where none is named by a full id: the tool itself finds out then. */
export function namedRelay(body: unknown): string | undefined {
  const call = safeParse(callSchema, body).data;
  return call === undefined ? undefined : parseInstanceId(call.params.arguments.instance)?.relay;
}
