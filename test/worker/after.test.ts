import { expect, test } from "vitest";
import { within } from "../../worker/after.ts";

test("an answer or a failure that comes in time is returned", async () => {
  expect(await within(10_000, Promise.resolve(7))).toBe(7);
  await expect(within(10_000, Promise.reject(new Error("no")))).rejects.toThrow("no");
});

test("one that comes later is undefined", async () => {
  expect(await within(1, new Promise<number>(() => {}))).toBeUndefined();
});
