/** One observed value and what is known of it. */
import type { JsonValue } from "#shared/json.ts";
import type { TimeSource } from "#shared/link/sample.ts";

export interface Observation {
  readonly value: JsonValue;
  /** On the relay's monotonic clock. */
  readonly atMs: number;
  readonly timeSource: TimeSource;
  readonly hostTime?: string | undefined;
  /** Samples lost at the host just before this one; null where it can't show them. */
  readonly missed: number | null;
}

export interface StoredSample extends Observation {
  readonly sequence: number;
  readonly epoch: string;
  readonly bytes: number;
}
