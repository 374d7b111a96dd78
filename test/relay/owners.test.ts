import { expect, test } from "vitest";
import { trustedOwners } from "../../relay/owners.ts";

test("trustedOwners are root, the relay's own user and those of the device file", () => {
  expect(trustedOwners({ allowedOwners: [1001, 1002] }, 998)).toEqual(
    new Set([0, 998, 1001, 1002]),
  );
});
