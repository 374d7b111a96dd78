/** Params and results of the methods that read, beside those of method.test.ts. */
import { expect, test } from "vitest";
import { MAX_KEY_LENGTH, MAX_TEXT_LENGTH } from "#shared/link/limits.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import { MAX_RECORDS_PER_GET } from "#shared/link/methods/record-get.ts";

const HISTORY = { record: "a", max_points: 100, max_bytes: 1_000 };

test.each<[Method, object, boolean]>([
  ["record.get_many", { records: ["a", "b"] }, true],
  ["record.get_many", { records: [] }, false],
  ["record.get_many", { records: [""] }, false],
  ["record.get_many", { records: Array.from({ length: MAX_RECORDS_PER_GET }, () => "a") }, true],
  [
    "record.get_many",
    { records: Array.from({ length: MAX_RECORDS_PER_GET + 1 }, () => "a") },
    false,
  ],
  ["record.schema", { record: "a" }, true],
  ["record.schema", { record: "a", include_example: true }, true],
  ["record.schema", { record: "k".repeat(MAX_KEY_LENGTH + 1) }, false],
  ["record.drain", { record: "a", limit: 1 }, true],
  ["record.drain", { record: "a", limit: 10_000, max_bytes: 200_000 }, true],
  ["record.drain", { record: "a", limit: 0 }, false],
  ["record.drain", { record: "a", limit: 10_001 }, false],
  ["record.drain", { record: "a", limit: 1, max_bytes: 0 }, false],
  ["samples.history", HISTORY, true],
  ["samples.history", { ...HISTORY, from_in_ms: -60_000, to_in_ms: 0, bucket_ms: 1 }, true],
  ["samples.history", { ...HISTORY, from_in_ms: 1 }, false],
  ["samples.history", { ...HISTORY, to_in_ms: 0.5 }, false],
  ["samples.history", { ...HISTORY, bucket_ms: 0 }, false],
  ["samples.history", { ...HISTORY, max_points: 2_001 }, false],
  ["samples.history", { ...HISTORY, max_points: 0 }, false],
  ["samples.history", { ...HISTORY, max_bytes: 200_001 }, false],
  ["graph.get", {}, true],
  ["graph.get", { record: "a", offset: 0, limit: 5_000 }, true],
  ["graph.get", { limit: 0 }, false],
  ["graph.get", { limit: 5_001 }, false],
  ["diagnostics.get", {}, true],
  ["diagnostics.get", { record: "a", offset: 0, limit: 2_000 }, true],
  ["diagnostics.get", { limit: 2_001 }, false],
  ["diagnostics.reset", { what: "buffer_metrics" }, true],
  ["diagnostics.reset", { what: "stage_profiling" }, true],
  ["diagnostics.reset", { what: "everything" }, false],
  ["diagnostics.reset", {}, false],
])("%s takes params %j: %s", (method, params, success) => {
  expect(METHODS[method].params.safeParse(params).success).toBe(success);
});

const HISTORY_RESULT = {
  record_key: "a",
  loss: "counted",
  source: "relay",
  samples: [],
  total: 0,
  is_total_exact: true,
  gaps: [],
  oldest_at_ms: null,
};
const BUCKET = {
  at_ms: -10,
  count: 1,
  fields: { ".": { min: 1, max: 1, mean: 1, last: 1 } },
};

test.each([
  [{}, true],
  [{ buckets: [BUCKET] }, true],
  [{ buckets: [{ ...BUCKET, fields: { ".": { min: 1 } } }] }, false],
  [{ source: "cloud" }, false],
  [{ total: -1 }, false],
  [{ is_total_exact: undefined }, false],
  [{ host_reason: "r".repeat(MAX_TEXT_LENGTH) }, true],
  [{ host_reason: "r".repeat(MAX_TEXT_LENGTH + 1) }, false],
])("samples.history has a result with %j: %s", (more, success) => {
  const { result } = METHODS["samples.history"];
  expect(result.safeParse({ ...HISTORY_RESULT, ...more }).success).toBe(success);
});
