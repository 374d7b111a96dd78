import { describe, expect, test } from "vitest";
import {
  noTransactionCookie,
  readTransactionCookie,
  transactionCookie,
} from "../../../worker/openid/transaction-cookie.ts";

const settings = { PUBLIC_URL: "https://aimdb.example.com" };
const SECRET = "s".repeat(43);

function readBack(next: string) {
  const [pair = ""] = transactionCookie({ secret: SECRET, next }, settings, 600_000).split(";");
  return readTransactionCookie(new Headers({ cookie: pair }), settings);
}

function readValue(value: string) {
  return readTransactionCookie(new Headers({ cookie: `__Host-openid=${value}` }), settings);
}

describe("the cookie of a sign-in that is under way", () => {
  test.each([
    "/",
    "/health",
    "/authorize?client_id=a.b&redirect_uri=https%3A%2F%2Fclient.example.com%2Fcb.html&state=x.y",
    `/confirm/${"ab".repeat(32)}.${"cd".repeat(16)}`,
    "/a;b,c?d=%20",
  ])("keeps its secret and all of %j", (next) => {
    expect(readBack(next)).toEqual({ secret: SECRET, next });
  });

  test.each(["https://elsewhere.example/", "//elsewhere.example/"])(
    "leads to no other host: %j",
    (next) => {
      expect(readBack(next)).toEqual({ secret: SECRET, next: "/" });
    },
  );

  test("leads home if its address can't be read", () => {
    expect(readValue(`${SECRET}.%E0%A4%A`)).toEqual({ secret: SECRET, next: "/" });
  });

  test.each(["", SECRET, ".%2Fhealth"])(
    "is nothing without its secret and its dot: %j",
    (value) => {
      expect(readValue(value)).toBeUndefined();
    },
  );

  test("is gone with its own name", () => {
    expect(noTransactionCookie(settings)).toMatch(/^__Host-openid=; Path=\/; Max-Age=0;/);
  });
});
