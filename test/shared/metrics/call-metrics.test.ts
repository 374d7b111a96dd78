import { expect, test } from "vitest";
import { CallTally } from "#shared/metrics/call-counts.ts";
import { callMetrics } from "#shared/metrics/call-metrics.ts";
import { toExposition } from "#shared/metrics/exposition.ts";

test("calls become a counter by outcome and source, and a histogram of seconds", () => {
  const tally = new CallTally();
  tally.note("get_record", "ok", 3);
  tally.note("get_record", "instance_slow", 40_000);
  const names = { prefix: "aimdb_call", label: "tool", what: "Calls" };

  const text = toExposition(callMetrics(names, [{ labels: { team: "t" }, calls: tally.read() }]));

  expect(text.split("\n")).toEqual(
    expect.arrayContaining([
      "# TYPE aimdb_calls_total counter",
      'aimdb_calls_total{team="t",tool="get_record",outcome="ok"} 1',
      'aimdb_calls_total{team="t",tool="get_record",outcome="instance_slow",source="instance"} 1',
      "# TYPE aimdb_call_duration_seconds histogram",
      'aimdb_call_duration_seconds_bucket{team="t",tool="get_record",le="0.002"} 0',
      'aimdb_call_duration_seconds_bucket{team="t",tool="get_record",le="0.005"} 1',
      'aimdb_call_duration_seconds_bucket{team="t",tool="get_record",le="30"} 1',
      'aimdb_call_duration_seconds_bucket{team="t",tool="get_record",le="+Inf"} 2',
      'aimdb_call_duration_seconds_sum{team="t",tool="get_record"} 40.003',
      'aimdb_call_duration_seconds_count{team="t",tool="get_record"} 2',
    ]),
  );
});
