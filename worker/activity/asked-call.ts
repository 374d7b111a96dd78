/** The log entries for a message that is refused before it is executed. Pure. */
import * as z from "zod/mini";
import type { ClientCall } from "#shared/mcp/serving/client-call.ts";
import { recordsIn } from "#shared/mcp/resources/resource-uri.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";
import { MAX_AUDIT_NAME_LENGTH } from "../access/audit-entry.ts";

export type AskedCall = Pick<ClientCall, "action" | "input" | "record">;

/**
 * One for each message of a batch. A message that reads and changes nothing leaves no line, executed or not.
 */
export function askedCalls(body: unknown): readonly AskedCall[] {
  const messages: readonly unknown[] = Array.isArray(body) ? body : [body];
  return messages.flatMap((message) => {
    const asked = safeParse(askedSchema, message).data;
    return asked === undefined ? [] : [callOf(asked)];
  });
}

const named = z.object({ name: z.string(), arguments: z.optional(z.unknown()) });
const params = z.optional(z.unknown());

const askedSchema = z.discriminatedUnion("method", [
  z.object({ method: z.literal("tools/call"), params: named }),
  z.object({ method: z.literal("prompts/get"), params: named }),
  z.object({ method: z.literal("resources/read"), params: z.object({ uri: z.string() }) }),
  z.object({ method: z.literal("resources/list"), params }),
  z.object({ method: z.literal("completion/complete"), params }),
  z.object({ method: z.literal("subscriptions/listen"), params }),
]);

function callOf(asked: z.infer<typeof askedSchema>): AskedCall {
  switch (asked.method) {
    case "tools/call":
      return ofName("tool", asked.params);
    case "prompts/get":
      return ofName("prompt", asked.params);
    case "resources/read":
      return {
        action: "resource.read",
        input: asked.params,
        record: recordsIn([asked.params.uri]),
      };
    case "resources/list":
      return { action: "resource.list", input: asked.params };
    case "completion/complete":
      return { action: "completion", input: asked.params };
    case "subscriptions/listen":
      return { action: "resource.listen", input: asked.params };
  }
}

function ofName(kind: "tool" | "prompt", { name, arguments: input }: z.infer<typeof named>) {
  return { action: `${kind}.${name.slice(0, MAX_AUDIT_NAME_LENGTH)}`, input };
}
