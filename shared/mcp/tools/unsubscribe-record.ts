import * as z from "zod/mini";
import { ok } from "../../result.ts";
import { defineTool } from "../tool.ts";

export const unsubscribeRecord = defineTool({
  name: "unsubscribe_record",
  title: "Stop monitoring a record",
  description:
    "Ends a subscription of subscribe_record early. Events not yet fetched are discarded.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    subscription_id: z
      .string()
      .check(z.minLength(1), z.maxLength(100), z.describe("The id that subscribe_record gave.")),
  }),
  output: z.looseObject({
    success: z.boolean(),
    status: z.enum(["cancelled", "already_ended"]),
  }),
  run: async ({ subscription_id }, { fleet }) => {
    const status = await fleet.unsubscribe(subscription_id);
    return status.ok ? ok({ output: { success: true, status: status.value } }) : status;
  },
});
