import fc from "fast-check";
import { expect, test } from "vitest";
import { isoFromUnixNanos, unixMsFromIso } from "#shared/aimx/timestamp.ts";
import { anyCharacter } from "../../support/any-character.ts";

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

test("isoFromUnixNanos and back is the same time, whatever a host's clock says", () => {
  const seconds = fc.nat(99_999_999_999);
  fc.assert(
    fc.property(seconds, fc.nat(999_999_999), (s, nanos) => {
      const iso = isoFromUnixNanos(`${s}.${String(nanos).padStart(9, "0")}`) ?? "";
      expect(Math.abs(unixMsFromIso(iso) - (s * 1_000 + nanos / 1e6))).toBeLessThan(0.05);
    }),
  );
});

test("isoFromUnixNanos takes any text without throwing", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      expect(() => isoFromUnixNanos(text)).not.toThrow();
    }),
  );
});
