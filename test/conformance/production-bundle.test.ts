/** The fixtures are in the build that the suite runs against, and nowhere else. */
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { ensureBuilt } from "../../worker/selfhost/build/build.ts";
import { RELAY_BUNDLE, WORKER_BUNDLE } from "../../worker/selfhost/project.ts";
import { FIXTURE_NAMES } from "./fixtures/fixture-server.ts";

beforeAll(() => ensureBuilt());

test.each([
  { name: "Worker", path: WORKER_BUNDLE },
  { name: "relay", path: RELAY_BUNDLE },
])("the bundle of the $name has no fixture in it", async ({ path }) => {
  const bundle = await readFile(path, "utf8");

  expect(bundle).toContain("record.get");
  expect(FIXTURE_NAMES.length).toBeGreaterThan(30);
  expect(FIXTURE_NAMES.filter((name) => bundle.includes(name))).toEqual([]);
});
