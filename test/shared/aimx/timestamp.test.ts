import { expect, test } from "vitest";
import { isoFromUnixNanos, unixMsFromIso } from "#shared/aimx/timestamp.ts";

test("isoFromUnixNanos keeps the host's nine digits", () => {
  expect(isoFromUnixNanos("1795171237.452008398")).toBe("2026-11-20T10:40:37.452008398Z");
  expect(isoFromUnixNanos("0.000000001")).toBe("1970-01-01T00:00:00.000000001Z");
});

test.each([
  "",
  "1795171237",
  "1795171237.45",
  "-1.000000000",
  "99999999999999.000000000",
  "x.000000000",
])("isoFromUnixNanos gives null for %j", (text) => {
  expect(isoFromUnixNanos(text)).toBeNull();
});

test("unixMsFromIso inverts isoFromUnixNanos to the microsecond", () => {
  expect(unixMsFromIso("2026-11-20T10:40:37.452008398Z")).toBeCloseTo(1795171237452.008, 2);
});
