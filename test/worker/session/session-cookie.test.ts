import { describe, expect, test } from "vitest";
import {
  noSessionCookie,
  readSessionCookie,
  sessionCookie,
} from "../../../worker/session/session-cookie.ts";

const HTTPS = { PUBLIC_URL: "https://aimdb.example.com" };
const LOOPBACK = { PUBLIC_URL: "http://127.0.0.1:8787" };
const PLAIN = { PUBLIC_URL: "http://aimdb.example.com" };
const COOKIE = { accountId: "ab".repeat(32), secret: "s".repeat(43) };
const VALUE = `${COOKIE.accountId}.${COOKIE.secret}`;

function withCookie(cookie: string): Headers {
  return new Headers({ cookie });
}

describe("the session cookie", () => {
  test("is bound to its host, to HTTPS, to HTTP itself, and to our own pages", () => {
    expect(sessionCookie(COOKIE, HTTPS)).toBe(
      `__Host-session=${VALUE}; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax`,
    );
  });

  test("needs no HTTPS on this machine, and there alone", () => {
    expect(sessionCookie(COOKIE, LOOPBACK)).toMatch(/^session=/);
    expect(sessionCookie(COOKIE, LOOPBACK)).not.toContain("Secure");
    expect(sessionCookie(COOKIE, PLAIN)).toMatch(/^__Host-session=.* Secure;/);
  });

  test("is found among others", () => {
    const headers = withCookie(`a=b; __Host-session=${VALUE}; xsession=1`);

    expect(readSessionCookie(headers, HTTPS)).toEqual(COOKIE);
  });

  test("is gone with its own name", () => {
    expect(noSessionCookie(HTTPS)).toMatch(/^__Host-session=; Path=\/; Max-Age=0;/);
  });

  test.each([
    "",
    `session=${VALUE}`,
    `__Host-session=${COOKIE.accountId}`,
    `__Host-session=${COOKIE.accountId}.${COOKIE.secret}x`,
    `__Host-session=../${VALUE}`,
    `x__Host-session=${VALUE}`,
  ])("is not read from %j", (cookie) => {
    expect(readSessionCookie(withCookie(cookie), HTTPS)).toBeUndefined();
  });
});
