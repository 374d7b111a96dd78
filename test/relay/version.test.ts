import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { RELAY_VERSION } from "../../relay/version.ts";

test("RELAY_VERSION is the package's", async () => {
  const text = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  expect(RELAY_VERSION).toBe((JSON.parse(text) as { version: string }).version);
});
