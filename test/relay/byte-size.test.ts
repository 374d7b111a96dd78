import fc from "fast-check";
import { expect, test } from "vitest";
import { parseByteSize, showByteSize } from "../../relay/byte-size.ts";

test.each([
  ["10MB", 10_000_000],
  ["10 MB", 10_000_000],
  ["2GB", 2_000_000_000],
  ["1.5 GB", 1_500_000_000],
  ["250kB", 250_000],
])("%s is so many bytes", (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(["", "10", "MB", "10 mb", "10KB", "-1 MB", "1e3 MB", "10 MiB", "1,5 GB"])(
  "%o is no size",
  (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  },
);

test.each([
  [0, "0 bytes"],
  [999, "999 bytes"],
  [1_000, "1 kB"],
  [1_234_567, "1.23 MB"],
  [45_678_900, "45.7 MB"],
  [2_000_000_000, "2 GB"],
])("%i bytes are shown as a person reads them", (bytes, text) => {
  expect(showByteSize(bytes)).toBe(text);
});

test("a size as it is shown is read back, within what was rounded", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 9e14 }), (bytes) => {
      const read = parseByteSize(showByteSize(bytes)) ?? Number.NaN;
      expect(Math.abs(read - bytes) / bytes).toBeLessThan(0.006);
    }),
  );
});
