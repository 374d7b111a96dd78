import * as z from "zod/mini";
import { ok } from "../../result.ts";
import { toWriteOutput } from "../answers/write-output.ts";
import { defineTool } from "../tool.ts";

export const getWriteOutcome = defineTool({
  name: "get_write_outcome",
  title: "Find out what became of a write",
  description:
    "Returns what became of a set_record call, by its call_id: applied, refused, not_applied, unknown, awaiting_confirmation, declined or expired. Call it after an unknown outcome, or once a person has confirmed. Never writes.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    call_id: z
      .string()
      .check(z.minLength(1), z.maxLength(120), z.describe("call_id of a set_record answer.")),
  }),
  output: z.looseObject({
    success: z.boolean(),
    outcome: z.optional(z.string()),
    status: z.optional(z.string()),
    call_id: z.string(),
  }),
  run: async ({ call_id }, { fleet }) => {
    const report = await fleet.writeReport(call_id);
    if (!report.ok) return report;
    // The question was answered, whatever became of the write.
    return ok({ output: toWriteOutput(report.value).output });
  },
});
