import { expect, test } from "vitest";
import { sampleSchema } from "#shared/link/sample.ts";
import { toLinkSample } from "../../../relay/link/link-sample.ts";

const SAMPLE = {
  value: { n: 1 },
  atMs: 12_345.678_9,
  timeSource: "observed",
  sequence: 7,
  epoch: "p.0",
} as const;

test("toLinkSample tells the time on the session's clock, to the microsecond [S-1]", () => {
  expect(toLinkSample(SAMPLE, 10_000)).toEqual({
    value: { n: 1 },
    at_ms: 2_345.679,
    time_source: "observed",
    sequence: 7,
    epoch: "p.0",
  });
});

test("toLinkSample tells a time before the session as negative [S-2]", () => {
  expect(toLinkSample(SAMPLE, 20_000).at_ms).toBe(-7_654.321);
});

test("toLinkSample keeps the host's own time, and a value without a number [S-3]", () => {
  const hostTime = "2026-11-20T12:00:00.123456789Z";
  const sample = { ...SAMPLE, timeSource: "host", hostTime, sequence: null } as const;
  expect(toLinkSample(sample, 0)).toMatchObject({
    time_source: "host",
    host_time: hostTime,
    sequence: null,
  });
});

test("toLinkSample leaves the store's own figures behind", () => {
  const stored = { ...SAMPLE, bytes: 170, missed: 3 };
  const sample = toLinkSample(stored, 0);
  expect(sampleSchema.parse(sample)).toEqual(sample);
});
