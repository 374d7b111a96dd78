import * as z from "zod/mini";
import { failure } from "../../failure.ts";
import { jsonValueSchema } from "../../json/json.ts";
import { err } from "../../result.ts";
import { allows } from "../../access/scope.ts";
import { isAltered } from "../answers/presentable.ts";
import { confirmWithClient } from "../asking/confirm-write.ts";
import { recordNameInput } from "../asking/record-name.ts";
import { instanceInput, selectOneInstance, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

const ALTERED = failure(
  "invalid_input",
  "Nothing was written: value has a text as answers show it, cut or with escaped characters, and would replace the real one. Write the real text in full. If it is meant like this, use skip_validation.",
);

const MAX_IDEMPOTENCY_KEY_LENGTH = 100;

export const setRecord = defineTool({
  name: "set_record",
  title: "Write a record",
  description:
    "Writes a new value to one writable record of one instance, at most once; no layer repeats it. outcome: applied (the host acknowledged), refused (a rule forbids it), not_applied (nothing was changed), unknown (do not repeat: ask get_write_outcome with call_id). status awaiting_confirmation: nothing was written yet and a person must approve; calling again does not confirm. previous: what it held just before, with its age then, if known, to undo it. dry_run checks everything and writes nothing. The value is compared with what the record held so far: wrong types and missing fields are refused.",
  annotations: {
    readOnlyHint: false,
    destructiveHint: true,
    idempotentHint: false,
    openWorldHint: false,
  },
  input: z.strictObject({
    record_name: recordNameInput,
    value: jsonValueSchema.check(
      z.describe("The whole new value, of the record's type: see get_record."),
    ),
    instance: instanceInput,
    socket: socketInput,
    dry_run: z.optional(z.boolean().check(z.describe("Check only."))),
    expected: z.optional(
      jsonValueSchema.check(
        z.describe("Write only if the record holds this value, also null (checked, not atomic)."),
      ),
    ),
    idempotency_key: z.optional(
      z
        .string()
        .check(
          z.minLength(1),
          z.maxLength(MAX_IDEMPOTENCY_KEY_LENGTH),
          z.describe("The same key within 24 h is the same write."),
        ),
    ),
    skip_validation: z.optional(
      z.boolean().check(z.describe("Write a value that differs in shape from those seen so far.")),
    ),
  }),
  output: z.looseObject({
    success: z.boolean(),
    timestamp: z.string(),
    outcome: z.optional(z.enum(["applied", "refused", "not_applied", "unknown"])),
    status: z.optional(z.string()),
    call_id: z.string(),
  }),
  run: async (input, context) => {
    const { fleet, client } = context;
    if (!allows(fleet.scopes, "aimdb:write")) {
      return err(
        failure("insufficient_scope", "This token may not write. It needs the scope aimdb:write.", {
          required_scope: "aimdb:write",
        }),
      );
    }
    const { record_name: record, value, instance, socket, expected } = input;
    if (input.skip_validation !== true && isAltered(value)) return err(ALTERED);
    const selected = await selectOneInstance(fleet, { instance, socket, record });
    if (!selected.ok) return selected;
    return confirmWithClient(context, () =>
      fleet.setRecord(selected.value, {
        record,
        value,
        ...(expected === undefined ? {} : { expected }),
        isDryRun: input.dry_run === true,
        skipsValidation: input.skip_validation === true,
        idempotencyKey: input.idempotency_key,
        asks: client.asks,
      }),
    );
  },
});
