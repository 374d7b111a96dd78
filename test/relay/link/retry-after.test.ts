import fc from "fast-check";
import { expect, test } from "vitest";
import { retryAfterMs } from "../../../relay/link/retry-after.ts";
import { anyCharacter } from "../../support/any-character.ts";

const SENT = "Fri, 20 Nov 2026 12:00:00 GMT";

test.each([
  ["17", 17_000],
  ["0", 0],
  ["86400", 86_400_000],
  ["-5", undefined],
  ["1e9", undefined],
  ["1.5", undefined],
  ["999999999", undefined],
])("%j is so many seconds [W-4]", (header, waitMs) => {
  expect(retryAfterMs({ "retry-after": header, date: SENT })).toBe(waitMs);
});

test.each([
  ["Fri, 20 Nov 2026 12:02:30 GMT", 150_000],
  ["Fri, 20 Nov 2026 11:00:00 GMT", 0],
  ["Sun, 20 Nov 2099 12:00:00 GMT", 3_600_000],
  ["Fri, 20 Nov 2026 99:00:00 GMT", undefined],
  ["2026-11-20T12:02:30Z", undefined],
  ["soon", undefined],
])("%j is a time by the clock of who sent it, an hour away at most [W-4]", (header, waitMs) => {
  expect(retryAfterMs({ "retry-after": header, date: SENT })).toBe(waitMs);
});

test.each([undefined, "now"])("a date says nothing beside the clock %j [W-4]", (date) => {
  expect(retryAfterMs({ "retry-after": SENT, date })).toBeUndefined();
});

test("nothing is no wait", () => {
  expect(retryAfterMs({ date: SENT })).toBeUndefined();
});

test("whatever the headers say, the wait is none, or one that ends [W-4]", () => {
  const date = fc.date({ noInvalidDate: true }).map((one) => one.toUTCString());
  const text = fc.oneof(fc.string({ unit: anyCharacter }), date, fc.nat().map(String));
  const header = fc.option(text, { nil: undefined });
  fc.assert(
    fc.property(header, header, (retryAfter, sent) => {
      const waitMs = retryAfterMs({ "retry-after": retryAfter, date: sent }) ?? 0;
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThan(100_000_000);
    }),
  );
});
