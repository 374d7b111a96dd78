import { describe, expect, test } from "vitest";
import { isOfDomain, openIdSettings } from "../../../worker/openid/settings.ts";

const COMPLETE = {
  OIDC_ISSUER: "https://id.example.com",
  OIDC_CLIENT_ID: "aimdb",
  OIDC_CLIENT_SECRET: "secret",
};

describe("openIdSettings()", () => {
  test("takes the issuer's host for a name where none is set, and no domain", () => {
    expect(openIdSettings(COMPLETE)).toMatchObject({ name: "id.example.com", domains: [] });
  });

  test("reads domains in any case, with space around", () => {
    const settings = openIdSettings({ ...COMPLETE, OIDC_DOMAINS: " Example.com, b.example ,," });

    expect(settings?.domains).toEqual(["example.com", "b.example"]);
  });

  test.each(["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"])(
    "is nothing without %s",
    (name) => {
      expect(openIdSettings({ ...COMPLETE, [name]: "" })).toBeUndefined();
    },
  );
});

test.each([
  ["a@example.com", true],
  ["a@sub.example.com", false],
  ["a@notexample.com", false],
  ["a@example.com@evil.example", false],
])("isOfDomain(%s) is %s", (email, expected) => {
  expect(isOfDomain(email, { domains: ["example.com"] })).toBe(expected);
});
