/** Shapes of answers that more than one AimX version shares. */
import * as z from "zod/mini";
import { jsonValueSchema, type JsonValue } from "../json/json.ts";

/** `value` is what the host read back after the write; absent if a reader has already taken it. */
export interface SetEcho {
  readonly value?: JsonValue | undefined;
}

export const setEchoSchema = z.object({ value: z.optional(jsonValueSchema) });

/** Oldest first. */
export const drainedSchema = z.pipe(
  z.object({ values: z.array(jsonValueSchema) }),
  z.transform(({ values }): readonly JsonValue[] => values),
);

/** An answer that says only that it was done. */
export const doneSchema = z.pipe(
  z.unknown(),
  z.transform(() => null),
);

/** `limit` counts per matching record and defaults to 1; times are Unix milliseconds. */
export interface Query {
  /** In the pattern grammar of the host's backend; absent means every record. */
  readonly pattern?: string;
  readonly limit?: number;
  readonly startMs?: number;
  readonly endMs?: number;
}

export function queryParams(query: Query): JsonValue {
  const { pattern, limit, startMs, endMs } = query;
  return {
    ...(pattern === undefined ? {} : { name: pattern }),
    ...(limit === undefined ? {} : { limit }),
    ...(startMs === undefined ? {} : { start: startMs }),
    ...(endMs === undefined ? {} : { end: endMs }),
  };
}

export interface StoredValue {
  readonly record_key: string;
  readonly value: JsonValue;
  readonly storedAtMs: number;
}

/** AimX 1 and 2. */
export const queriedValuesSchema = z.pipe(
  z.object({
    values: z.array(
      z.object({ record: z.string(), value: jsonValueSchema, stored_at: z.number() }),
    ),
  }),
  z.transform(({ values }): readonly StoredValue[] =>
    values.map((row) => ({
      record_key: row.record,
      value: row.value,
      storedAtMs: row.stored_at,
    })),
  ),
);

/** AimX 3. */
export const queriedRecordsSchema = z.pipe(
  z.object({
    records: z.array(z.object({ topic: z.string(), payload: jsonValueSchema, ts: z.number() })),
  }),
  z.transform(({ records }): readonly StoredValue[] =>
    records.map((row) => ({ record_key: row.topic, value: row.payload, storedAtMs: row.ts })),
  ),
);
