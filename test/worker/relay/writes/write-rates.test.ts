import { expect, test } from "vitest";
import { writePolicySchema } from "../../../../worker/access/write-policy.ts";
import { WriteRates } from "../../../../worker/relay/writes/write-rates.ts";

const POLICY = writePolicySchema.parse({
  rules: [],
  writes_per_minute: 2,
  writes_per_minute_per_record: 0,
});

/** At a clock that stands still. */
function ratesOf(policy = POLICY) {
  const rates = new WriteRates(() => 0);
  return (principal: string, record = "mode", maxPerMinute?: number) => {
    const taken = rates.take({ principal, instance: "plant", record, maxPerMinute }, policy);
    return taken.ok ? undefined : taken.error.details;
  };
}

test("a principal's writes are limited per minute, and then have to wait", () => {
  const take = ratesOf();

  expect([take("ann"), take("ann"), take("ann")]).toEqual([
    undefined,
    undefined,
    { retry_after_s: 30 },
  ]);
  expect(take("bob")).toBeUndefined();
});

test("the strictest of principal, record and rule holds, and a write that is refused counts nowhere", () => {
  const take = ratesOf({ ...POLICY, writes_per_minute: 3, writes_per_minute_per_record: 2 });

  expect([take("ann"), take("ann")]).toEqual([undefined, undefined]);
  expect(take("ann")).toEqual({ retry_after_s: 30 });
  expect(take("ann", "level", 1)).toBeUndefined();
  expect(take("bob", "level", 1)).toEqual({ retry_after_s: 60 });
});

test("thousands of other writers do not refill the rate of one that keeps asking", () => {
  const take = ratesOf();
  take("ann");
  take("ann");

  const answers = [0, 1, 2, 3].map((round) => {
    for (let n = 0; n < 500; n += 1) take(`other-${round}-${n}`);
    return take("ann");
  });
  expect(answers).toEqual(Array.from({ length: 4 }, () => ({ retry_after_s: 30 })));
});
