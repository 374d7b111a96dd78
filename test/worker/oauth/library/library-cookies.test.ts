import { describe, expect, test } from "vitest";
import {
  fromLibraryHeaders,
  toLibraryHeaders,
} from "../../../../worker/oauth/library/library-cookies.ts";

const PLAIN = { PUBLIC_URL: "http://localhost:8787" };
const SECURE = { PUBLIC_URL: "https://aimdb.example.com" };
const COOKIE = "__Host-oauth-consent-0123=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600";

function set(...cookies: string[]): Headers {
  const headers = new Headers({ "x-other": "1" });
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return headers;
}

describe("at https", () => {
  test("the library's cookies stay as they are", () => {
    expect(fromLibraryHeaders(set(COOKIE), SECURE).getSetCookie()).toEqual([COOKIE]);
    const cookie = "__Host-oauth-consent-0123=abc; oauth-consent-0123=forged";
    expect(toLibraryHeaders(new Headers({ cookie }), SECURE).get("cookie")).toBe(cookie);
  });
});

describe("at plain HTTP on this machine", () => {
  test("they lose what a browser may not keep there", () => {
    const headers = fromLibraryHeaders(set(COOKIE, COOKIE), PLAIN);

    const shown = "oauth-consent-0123=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=600";
    expect(headers.getSetCookie()).toEqual([shown, shown]);
    expect(headers.get("x-other")).toBe("1");
  });

  test("the library finds them under its own names, among others", () => {
    const headers = new Headers({ cookie: "session=s; oauth-consent-0123=abc;oauth-x=1" });

    expect(toLibraryHeaders(headers, PLAIN).get("cookie")).toBe(
      "session=s; __Host-oauth-consent-0123=abc; __Host-oauth-x=1",
    );
  });

  test("a request without cookies stays one", () => {
    expect(toLibraryHeaders(new Headers(), PLAIN).get("cookie")).toBeNull();
  });
});
