/** Every parser against texts that nobody would write. */
import { expect, test } from "vitest";
import { AIMX_PROPERTIES } from "./aimx-properties.ts";
import { PROPERTY_COUNT, TEST_TIMEOUT_MS } from "./budget.ts";
import { endpointProperties } from "./endpoint-properties.ts";
import { LINK_PROPERTIES } from "./link-properties.ts";
import { TEXT_PROPERTIES } from "./text-properties.ts";

const PROPERTIES = [...AIMX_PROPERTIES, ...LINK_PROPERTIES, ...TEXT_PROPERTIES];

test.each(PROPERTIES)("$name", { timeout: TEST_TIMEOUT_MS }, async ({ run }) => {
  await expect(run()).resolves.toBeUndefined();
});

test("a long run's time is shared by all properties", () => {
  const ofEndpoint = endpointProperties(() => {
    throw new Error("They are only counted");
  });

  expect(PROPERTIES.length + ofEndpoint.length).toBe(PROPERTY_COUNT);
});
