import { describe, expect, test } from "vitest";
import { csrfTokenOf, isOwnForm, isOwnOrigin } from "../../../worker/session/csrf.ts";

const SETTINGS = { PUBLIC_URL: "https://aimdb.example.com" };
const OWN = "https://aimdb.example.com";

function post(origin?: string): Request {
  const headers = new Headers();
  if (origin !== undefined) headers.set("origin", origin);
  return new Request(`${OWN}/logout`, { method: "POST", headers });
}

describe("a form post", () => {
  test("is our own with our origin and the session's token", async () => {
    const csrfToken = await csrfTokenOf("secret");

    expect(isOwnForm(post(OWN), SETTINGS, { csrfToken, form: { csrf: csrfToken } })).toBe(true);
  });

  test.each([
    { why: "without a token", form: {} },
    { why: "with another session's", form: { csrf: "0".repeat(64) } },
    { why: "with two", form: { csrf: ["a", "b"] } },
  ])("is not our own $why", async ({ form }) => {
    const csrfToken = await csrfTokenOf("secret");

    expect(isOwnForm(post(OWN), SETTINGS, { csrfToken, form })).toBe(false);
  });

  test.each([
    undefined,
    "null",
    "",
    "http://aimdb.example.com",
    "https://aimdb.example.com:444",
    "https://token.aimdb.example.com",
    "https://aimdb.example.com.evil.example",
    "https://evil.example",
  ])("is not our own from %j", (origin) => {
    expect(isOwnOrigin(post(origin), SETTINGS)).toBe(false);
  });

  test("has a token that tells nothing of the session's secret", async () => {
    const [one, other] = [await csrfTokenOf("secret"), await csrfTokenOf("other")];

    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(one).not.toBe(other);
  });
});
