import { expect, test } from "vitest";
import * as z from "zod/mini";
import { parseRelayFrame } from "#shared/link/frame.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** What has a `length` that can't be compared. */
const HOSTILE = { length: { toString: null, valueOf: 5 } };
const BOUNDED = z.object({ name: z.string().check(z.maxLength(5)) });

test("safeParse() reads what the schema takes", () => {
  expect(safeParse(BOUNDED, { name: "abc", more: 1 })).toEqual({
    success: true,
    data: { name: "abc" },
  });
});

test("safeParse() has the schema's own issues for what it refuses", () => {
  expect(safeParse(BOUNDED, { name: "abcdef" }).error?.issues).toMatchObject([
    { code: "too_big", path: ["name"] },
  ]);
});

test("safeParse() refuses what makes the schema throw", () => {
  expect(() => z.safeParse(BOUNDED, { name: HOSTILE })).toThrow(TypeError);
  expect(safeParse(BOUNDED, { name: HOSTILE }).error?.issues).toHaveLength(1);
});

test("a frame with such a field is malformed", () => {
  const hello = { t: "hello", versions: { min: 1, max: 1 }, relay_version: HOSTILE, clock_ms: 0 };

  expect(parseRelayFrame(JSON.stringify(hello))).toMatchObject({
    ok: false,
    error: { reason: "malformed" },
  });
});
