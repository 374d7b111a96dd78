import { expect, test } from "vitest";
import { CallRates, callRatesOf } from "../../../../worker/relay/calls/call-rates.ts";

test("a principal's calls are limited per minute and come back evenly, separately for each principal", () => {
  const rates = new CallRates(3);
  const take = (nowMs: number, principal = "ann") => rates.take(principal, nowMs);

  expect([take(0), take(0), take(0)]).toEqual([undefined, undefined, undefined]);
  expect(take(0)).toMatchObject({
    ok: false,
    failure: {
      code: "rate_limited",
      message: expect.stringContaining("RELAY_CALLS_PER_MINUTE"),
      details: { retry_after_s: 20 },
    },
  });
  expect(take(0, "bob")).toBeUndefined();
  expect([take(20_000), take(20_000)]).toMatchObject([undefined, { ok: false }]);
});

test("one that was given back can be used again, and there are never more than a minute's", () => {
  const rates = new CallRates(2);
  const take = () => rates.take("ann", 0) === undefined;
  rates.giveBack("ann", 0);

  expect([take(), take(), take()]).toEqual([true, true, false]);
  rates.giveBack("ann", 0);
  expect([take(), take()]).toEqual([true, false]);
});

test("0 is no limit", () => {
  const rates = new CallRates(0);
  rates.giveBack("ann", 0);

  const refused = Array.from({ length: 1_000 }, () => rates.take("ann", 0));
  expect(refused.every((one) => one === undefined)).toBe(true);
});

test.each([
  [{}, 100],
  [{ RELAY_CALLS_PER_MINUTE: "7" }, 7],
  [{ RELAY_CALLS_PER_MINUTE: "many" }, 100],
])("%o lets pass at once %i", (settings, count) => {
  const rates = callRatesOf(settings);
  const taken = Array.from({ length: 200 }, () => rates.take("ann", 0));
  expect(taken.filter((one) => one === undefined)).toHaveLength(count);
});
