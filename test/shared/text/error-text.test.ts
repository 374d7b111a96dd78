import { expect, test } from "vitest";
import { errorText } from "#shared/text/error-text.ts";

test.each([
  ["an error's message", new TypeError("no"), "no"],
  ["a text itself", "no", "no"],
  ["what is nothing", undefined, "undefined"],
])("errorText is %s", (_, thrown, text) => {
  expect(errorText(thrown)).toBe(text);
});
