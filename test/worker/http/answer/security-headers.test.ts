import { expect, test } from "vitest";
import { pageHeaders } from "../../../../worker/http/answer/security-headers.ts";

test("pageHeaders() allow one style element and nothing else", () => {
  const headers = new Headers(pageHeaders("abc"));
  const policy = headers.get("content-security-policy")?.split("; ");

  expect(policy).toEqual([
    "default-src 'none'",
    "style-src 'nonce-abc'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("referrer-policy")).toBe("no-referrer");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("pageHeaders() of a live page allow its script, and events from here", () => {
  const headers = new Headers(pageHeaders("abc", "self", true));

  expect(headers.get("content-security-policy")).toContain(
    "script-src 'nonce-abc'; connect-src 'self'; ",
  );
});
