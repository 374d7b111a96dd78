import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isOutdated } from "../../../worker/access/rights.ts";

const SNAPSHOT = { floor: 3, changed: { ann: 5, token: 7 } };

describe("isOutdated()", () => {
  test.each([
    { name: "of nobody whose rights changed", holder: { id: "bob", rightsVersion: 3 }, is: false },
    { name: "before its principal changed", holder: { id: "ann", rightsVersion: 4 }, is: true },
    { name: "with the principal's change", holder: { id: "ann", rightsVersion: 5 }, is: false },
    {
      name: "before its credential changed",
      holder: { id: "ann", credential: "token", rightsVersion: 6 },
      is: true,
    },
    { name: "before what is still named", holder: { id: "bob", rightsVersion: 2 }, is: true },
    {
      name: "under a name of Object's",
      holder: { id: "constructor", rightsVersion: 3 },
      is: false,
    },
  ])("says $is $name", ({ holder, is }) => {
    expect(isOutdated(SNAPSHOT, holder)).toBe(is);
  });

  /** What a team does, and what a holder of any age is told by the names that are left. */
  test("misses no change, even one that is no longer listed", () => {
    const subject = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.array(subject), fc.nat(), fc.nat(), subject, (changes, at, kept, id) => {
        const numbered = changes.map((who, i) => ({ who, version: i + 1 }));
        const floor = Math.max(0, numbered.length - kept);
        const named = numbered.filter(({ version }) => version > floor);
        const changed = Object.fromEntries(named.map(({ who, version }) => [who, version]));
        const rightsVersion = Math.min(at, numbered.length);

        const hasChanged = numbered.some(
          ({ who, version }) => who === id && version > rightsVersion,
        );
        const misses = hasChanged && !isOutdated({ floor, changed }, { id, rightsVersion });
        expect(misses).toBe(false);
      }),
    );
  });
});
