import { expect, test } from "vitest";
import { within } from "../../worker/after.ts";

test("what comes in time is the answer, a failure too", async () => {
  expect(await within(10_000, Promise.resolve(7))).toBe(7);
  await expect(within(10_000, Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("what does not come in time is undefined", async () => {
  expect(await within(1, new Promise<number>(() => {}))).toBeUndefined();
});
