/**
 * What records hold, as far as their host has shown. A written value counts from the host's
 * answer on: its event travels on another connection, and the next write of the record is compared before it arrives.
 */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import type { JsonValue } from "#shared/json/json.ts";
import type { Cursor } from "#shared/link/methods/samples-read.ts";
import type { InstanceContext } from "../context.ts";

interface Written {
  readonly value: JsonValue;
  /** The record's position before the write: what comes after it is newer, or is the write's own event. */
  readonly after: Cursor;
}

export class ShownValues {
  readonly #context: Pick<InstanceContext, "store" | "storeKey" | "observer">;
  /** By record, until it is read after its event. */
  readonly #written = new Map<string, Written>();

  constructor(context: Pick<InstanceContext, "store" | "storeKey" | "observer">) {
    this.#context = context;
  }

  /** Call it before the write is sent, and the returned function when the host has taken the write. */
  write(row: RecordRow, value: JsonValue): () => void {
    // Without a subscription no event would ever end it.
    if (this.#context.observer.mode(row) !== "live") return () => {};
    const after = this.#cursor(row);
    return () => void this.#written.set(row.record_key, { value, after });
  }

  value(row: RecordRow): JsonValue | undefined {
    const written = this.#written.get(row.record_key);
    const { epoch, sequence } = this.#cursor(row);
    if (written?.after.epoch === epoch && written.after.sequence === sequence) return written.value;
    this.#written.delete(row.record_key);
    const { store, storeKey } = this.#context;
    return store.present(storeKey(row.record_key))?.value;
  }

  #cursor({ record_key }: RecordRow): Cursor {
    const { store, storeKey } = this.#context;
    return store.cursor(storeKey(record_key));
  }
}
