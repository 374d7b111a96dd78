import { expect, test } from "vitest";
import { RecentKeys } from "../../worker/recent-keys.ts";

test("RecentKeys holds so many, and forgets the one that was noted longest ago", () => {
  const keys = new RecentKeys(2);
  for (const key of ["a", "b", "a", "c"]) keys.add(key);

  expect(["a", "b", "c"].filter((key) => keys.has(key))).toEqual(["a", "c"]);
});
