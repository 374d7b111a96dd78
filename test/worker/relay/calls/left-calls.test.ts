import { expect, test } from "vitest";
import { LeftCalls } from "../../../../worker/relay/calls/left-calls.ts";

test("LeftCalls knows the last 256 tool calls whose callers have gone", () => {
  const left = new LeftCalls();
  for (let n = 0; n <= 256; n += 1) left.add(`cause-${n}`);

  expect(left.has({ cause: "cause-0" })).toBe(false);
  expect(left.has({ cause: "cause-1" })).toBe(true);
  expect(left.has({ cause: "cause-256" })).toBe(true);
  expect(left.has({})).toBe(false);
});
