import * as z from "zod/mini";
import type { WriteResult } from "../../fleet.ts";
import { failure } from "../../failure.ts";
import { jsonValueSchema } from "../../json.ts";
import { err, ok } from "../../result.ts";
import { allows } from "../../scope.ts";
import { presentableKey, recordNameInput } from "../record-name.ts";
import { instanceInput, selectOneInstance, socketInput } from "../targets.ts";
import { presentableFailure } from "../tool-result.ts";
import { defineTool, type ToolOutput } from "../tool.ts";

export const setRecord = defineTool({
  name: "set_record",
  title: "Write a record",
  description:
    "Writes a new value to one writable record of one instance. Never repeated by any layer. outcome: applied (the host acknowledged), refused (policy), not_applied (nothing was changed), unknown (it was sent and no answer came: do not repeat, read the record first). Only records that list_records shows as writable can be written.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.object({
    record_name: recordNameInput,
    value: jsonValueSchema.check(
      z.describe("The whole new value, of the record's type: see get_record."),
    ),
    instance: instanceInput,
    socket: socketInput,
  }),
  output: z.looseObject({
    success: z.boolean(),
    timestamp: z.string(),
    outcome: z.enum(["applied", "refused", "not_applied", "unknown"]),
    call_id: z.string(),
  }),
  run: async ({ record_name, value, instance, socket }, { fleet }) => {
    if (!allows(fleet.scopes, "aimdb:write")) {
      return err(
        failure("insufficient_scope", "This token may not write. It needs the scope aimdb:write.", {
          required_scope: "aimdb:write",
        }),
      );
    }
    const selected = await selectOneInstance(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    return ok(
      toOutput(
        selected.value,
        await fleet.setRecord(selected.value, { record: record_name, value }),
      ),
    );
  },
});

function toOutput(instance: string, { callId, timestamp, outcome }: WriteResult): ToolOutput {
  const head = { instance, call_id: callId, timestamp, outcome: outcome.outcome };
  if (outcome.outcome === "applied") {
    const { record_key, echo } = outcome;
    return { output: { success: true, ...head, record_name: presentableKey(record_key), echo } };
  }
  return { failed: true, output: { success: false, ...head, error: presentableFailure(outcome) } };
}
