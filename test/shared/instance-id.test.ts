import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  firstFreeName,
  formatInstanceId,
  isName,
  parseInstanceId,
  toName,
} from "#shared/instance-id.ts";
import { anyCharacter } from "../support/any-character.ts";

const names = fc.stringMatching(/^[a-z0-9-]{1,40}$/);

test.each([
  ["gateway-1", true],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  ["", false],
  ["Gateway", false],
  ["a_b", false],
  ["a/b", false],
  ["a\n", false],
])("isName(%j) is %s", (text, is) => {
  expect(isName(text)).toBe(is);
});

test.each([
  ["gateway/aimdb", { relay: "gateway", name: "aimdb" }],
  ["gateway", undefined],
  ["gateway/", undefined],
  ["/aimdb", undefined],
  ["gateway/aimdb/more", undefined],
  ["Gateway/aimdb", undefined],
  ["", undefined],
])("parseInstanceId(%j) gives %j", (text, id) => {
  expect(parseInstanceId(text)).toEqual(id);
});

test("parseInstanceId reads what formatInstanceId writes", () => {
  fc.assert(
    fc.property(names, names, (relay, name) => {
      expect(parseInstanceId(formatInstanceId({ relay, name }))).toEqual({ relay, name });
    }),
  );
});

describe("toName", () => {
  test.each([
    ["aimdb", "aimdb"],
    ["AimDB Demo", "aimdb-demo"],
    ["gateway.example.com", "gateway-example-com"],
    ["__x__", "x"],
    ["温度", "fallback"],
    ["", "fallback"],
    [`${"a".repeat(39)}.b`, "a".repeat(39)],
  ])("makes of %j the name %j", (text, name) => {
    expect(toName(text, "fallback")).toBe(name);
  });

  test("makes a name of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        expect(isName(toName(text, "fallback"))).toBe(true);
      }),
    );
  });

  test("keeps a name that has no dash at its ends", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9]+(-[a-z0-9]+){0,4}$/), (name) => {
        fc.pre(name.length <= 40);
        expect(toName(name, "fallback")).toBe(name);
      }),
    );
  });
});

describe("firstFreeName", () => {
  test("keeps a name that is free", () => {
    expect(firstFreeName("aimdb", () => false)).toBe("aimdb");
  });

  test("counts on until a name is free", () => {
    const taken = new Set(["aimdb", "aimdb-2", "aimdb-3"]);
    expect(firstFreeName("aimdb", (name) => taken.has(name))).toBe("aimdb-4");
  });

  test("stays a name however many are taken", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 0, max: 120 }), (name, count) => {
        const taken = new Set<string>();
        for (let i = 0; i <= count; i += 1) {
          const free = firstFreeName(name, (candidate) => taken.has(candidate));
          expect(isName(free)).toBe(true);
          expect(taken.has(free)).toBe(false);
          taken.add(free);
        }
      }),
      { numRuns: 30 },
    );
  });
});
