import { expect, test } from "vitest";
import { eachReasonOnce } from "#shared/link/gaps.ts";

test("eachReasonOnce adds up what is missing for one reason, in the order they came", () => {
  const gaps = eachReasonOnce([
    { reason: "lost_at_host", missed: 2 },
    { reason: "not_kept", missed: 1 },
    { reason: "lost_at_host", missed: 3 },
  ]);
  expect(gaps).toEqual([
    { reason: "lost_at_host", missed: 5 },
    { reason: "not_kept", missed: 1 },
  ]);
});

test.each([
  [null, 2],
  [2, null],
])("eachReasonOnce of %s and %s can't be counted", (one, other) => {
  const reason = "host_reconnected";
  const gaps = [one, other].map((missed) => ({ reason, missed }) as const);
  expect(eachReasonOnce(gaps)).toEqual([{ reason, missed: null }]);
});
