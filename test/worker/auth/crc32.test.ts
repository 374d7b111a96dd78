import { expect, test } from "vitest";
import { crc32 } from "../../../worker/auth/crc32.ts";

test.each([
  { text: "", sum: 0 },
  { text: "a", sum: 0xe8b7be43 },
  { text: "123456789", sum: 0xcbf43926 },
  { text: "The quick brown fox jumps over the lazy dog", sum: 0x414fa339 },
])("crc32() of $text is $sum, as zip has it", ({ text, sum }) => {
  expect(crc32(text)).toBe(sum);
});
