import { expect, test } from "vitest";
import packageText from "../../package.json?raw";
import { WORKER_VERSION } from "../../worker/version.ts";

test("the Worker has the version of its package", () => {
  expect(JSON.parse(packageText)).toMatchObject({ version: WORKER_VERSION });
});
