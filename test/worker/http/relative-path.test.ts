import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ownPath } from "../../../worker/http/relative-path.ts";

const ORIGIN = new URL("https://aimdb.example.com");

describe("ownPath()", () => {
  test.each([
    "/",
    "/relays",
    "/oauth/authorize?client_id=https%3A%2F%2Fa&state=1",
    "/a#b",
    "/a//b",
  ])("keeps %s", (path) => {
    expect(ownPath(path, ORIGIN)).toBe(path);
  });

  test.each([
    undefined,
    "",
    "relays",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    " //evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    `/${"a".repeat(9_000)}`,
  ])("takes %j for the home page", (path) => {
    expect(ownPath(path, ORIGIN)).toBe("/");
  });

  test("never leads to another origin, however a browser reads it", () => {
    const piece = fc.constantFrom(
      "/",
      "\\",
      "//",
      "\t",
      "\n",
      "@",
      ":",
      ".",
      "..",
      "https:",
      "evil.example",
      "?",
      "#",
      "%2f",
      " ",
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 8 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(text, (path) => {
        const kept = ownPath(path, ORIGIN);
        expect(new URL(kept, ORIGIN).origin).toBe(ORIGIN.origin);
        expect(kept).toMatch(/^\/(?!\/)/);
      }),
    );
  });
});
