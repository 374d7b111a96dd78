import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { errorCodeOf } from "../../relay/error-code.ts";

test("errorCodeOf names what a system call failed with", async () => {
  const error: unknown = await readFile("/nowhere").catch((thrown: unknown) => thrown);
  expect(errorCodeOf(error)).toBe("ENOENT");
});

test.each([
  [new Error("a bug"), "Error: a bug"],
  ["text", "text"],
])("errorCodeOf(%o) is %s", (error, text) => {
  expect(errorCodeOf(error)).toBe(text);
});
