import { describe, expect, test } from "vitest";
import { findBottleneck } from "#shared/mcp/findings/bottleneck.ts";
import type { JsonObject } from "#shared/json/json.ts";

function stage(stage_type: string, total: number, calls = 10): JsonObject {
  const times = { total_time_ns: total, avg_time_ns: calls === 0 ? 0 : total / calls };
  return { stage_type, index: 0, call_count: calls, ...times, min_time_ns: 1, max_time_ns: total };
}

describe("findBottleneck()", () => {
  test("names the stage that took most of the time, with why", () => {
    const found = findBottleneck([
      { record_key: "a", stage_profiling: [stage("source", 9e9), stage("tap", 1e6)] },
      { record_key: "b", stage_profiling: [{ ...stage("transform", 3e6), name: "to_f" }] },
    ]);

    expect(found).toEqual({
      limits_flow: false,
      record_name: "b",
      stage_type: "transform",
      index: 0,
      name: "to_f",
      call_count: 10,
      avg_time_ns: 3e5,
      share_percent: 75,
      busy_percent: 0.033,
      why: expect.stringMatching(
        /^No stage limits the flow: the busiest works 0\.033 % of the time\. It took 75 % .*: 0\.3 ms a call in 10 calls, 3 ms at worst\. /,
      ),
    });
  });

  test("says that a stage limits the flow where it works nearly all the time", () => {
    const stages = [stage("source", 10e9), stage("tap", 9.5e9)];

    expect(findBottleneck([{ record_key: "a", stage_profiling: stages }])).toMatchObject({
      limits_flow: true,
      busy_percent: 95,
      why: expect.stringMatching(/^It is busy 95 % of the time: it limits what can flow\. /),
    });
  });

  test("leaves open whether it does where no source tells how long was measured", () => {
    expect(findBottleneck([{ record_key: "a", stage_profiling: [stage("tap", 5)] }])).toMatchObject(
      {
        limits_flow: null,
        busy_percent: null,
        why: expect.stringContaining("is not known"),
      },
    );
  });

  test.each([
    { name: "nothing was measured", stages: [] },
    { name: "only sources were", stages: [stage("source", 9e9)] },
    { name: "nothing was called", stages: [stage("tap", 0, 0)] },
    { name: "it can't be read", stages: ["tap", { stage_type: "tap" }, null] },
  ])("names none where $name", ({ stages }) => {
    expect(findBottleneck([{ record_key: "a", stage_profiling: stages }])).toBeUndefined();
    expect(findBottleneck([{ record_key: "a" }])).toBeUndefined();
  });

  test("shows a device's names without hidden characters", () => {
    const stages = [{ ...stage("tap\u202e", 5), name: "\u200b" }];

    expect(findBottleneck([{ record_key: "\u202e", stage_profiling: stages }])).toMatchObject({
      record_name: "\\u{202e}",
      stage_type: "tap\\u{202e}",
      name: "\\u{200b}",
    });
  });
});
