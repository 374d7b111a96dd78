/** A write that waits for this device's operator, as `aimdb-relay confirm` gets it. */
import * as z from "zod/mini";
import type { JsonValue } from "#shared/json/json.ts";
import type { ShownWrite } from "../writes/held-writes.ts";

/** As JSON text; long ones are cut, since a person reads them. */
const MAX_VALUE_LENGTH = 2_000;

export const heldWriteSchema = z.object({
  id: z.string(),
  principal: z.string(),
  instance: z.string(),
  record: z.string(),
  value: z.string(),
  /** Null if it is not known. */
  current: z.nullable(z.string()),
  expires_in_ms: z.number(),
});
export type HeldWriteRow = z.infer<typeof heldWriteSchema>;

export function toHeldRow(write: ShownWrite): HeldWriteRow {
  const { callId, principal, instance, record, value, current, expiresInMs } = write;
  return {
    id: callId,
    principal,
    instance,
    record,
    value: textOf(value),
    current: current === undefined ? null : textOf(current),
    expires_in_ms: Math.round(expiresInMs),
  };
}

function textOf(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_LENGTH ? text : `${text.slice(0, MAX_VALUE_LENGTH)}…`;
}
