/** What a record held just before a write: whoever wants to undo it has to know. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { sameReading } from "#shared/json/f32.ts";
import type { JsonValue } from "#shared/json/json.ts";
import { utf8Length } from "#shared/json/utf8-length.ts";
import { MAX_PREVIOUS_BYTES } from "#shared/link/limits.ts";
import type { WriteOutcome } from "#shared/link/methods/record-set.ts";
import type { InstanceContext } from "../context.ts";
import type { ShownValues } from "./shown-values.ts";

export type Previous = NonNullable<Extract<WriteOutcome, { outcome: "applied" }>["previous"]>;

/** `current`: what a check has read. Without one it is what the host has shown, if it shows each change. */
export function previousOf(
  { store, storeKey, observer, clock }: InstanceContext,
  shown: Pick<ShownValues, "value">,
  row: RecordRow,
  current: JsonValue | undefined,
): Previous | undefined {
  if (row.buffer_type === "mailbox") return undefined;
  const value = current ?? (observer.mode(row) === "live" ? shown.value(row) : undefined);
  if (value === undefined || utf8Length(JSON.stringify(value)) > MAX_PREVIOUS_BYTES) {
    return undefined;
  }
  const sample = store.present(storeKey(row.record_key));
  if (sample === undefined || !sameReading(sample.value, value)) return { value };
  const age_ms = Math.max(0, clock.monotonicMs() - sample.atMs);
  return { value, age_ms, time_source: sample.timeSource };
}
