/** Samples as a relay sends them, and its answers that carry them: valid, with one thing changed. */
import type { MethodResult } from "#shared/link/method.ts";
import type { LinkSample } from "#shared/link/sample.ts";

export function sample(change: Partial<LinkSample> = {}): LinkSample {
  return {
    value: { celsius: 21.5 },
    at_ms: 0,
    time_source: "observed",
    sequence: 1,
    epoch: "e.0",
    ...change,
  };
}

export function getResult(change: Partial<LinkSample> = {}): MethodResult<"record.get"> {
  return { record_key: "sensor.temp", loss: "counted", sample: sample(change) };
}

export function readResult(
  change: Partial<MethodResult<"samples.read">> = {},
): MethodResult<"samples.read"> {
  return {
    record_key: "sensor.temp",
    loss: "counted",
    samples: [],
    gaps: [],
    cursor: { epoch: "e.0", sequence: 0 },
    more: false,
    ...change,
  };
}
