import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isLoopbackRedirectUri,
  isTrustedRedirectUri,
  isUsableRedirectUri,
  shownRedirectHost,
} from "../../../../worker/oauth/clients/redirect-uri.ts";

describe("isUsableRedirectUri()", () => {
  test.each([
    "https://claude.ai/api/mcp/auth_callback",
    "https://example.com:8443/a?b=c",
    "http://localhost/",
    "http://localhost:1/callback",
    "http://127.0.0.1:65535/",
    "http://[::1]:1/",
    "cursor://anysphere.cursor-mcp/oauth/callback",
  ])("takes %s", (uri) => {
    expect(isUsableRedirectUri(uri)).toBe(true);
  });

  test.each([
    "",
    "example.com",
    "/callback",
    "http://example.com/",
    "http://localhost.evil.example/",
    "http://127.0.0.1.evil.example/",
    "http://127.0.0.2/",
    "https://a@example.com/",
    "https://example.com/#",
    "https://example.com/#a",
    "https://example.com/a b",
    "https://exämple.com/",
    "javascript:alert(1)",
    "data:text/html,x",
    "file:///etc/passwd",
    "cursor://anysphere.cursor-mcp/oauth/callback2",
    "cursor://anysphere.cursor-mcp/oauth/callback?x=1",
    "CURSOR://anysphere.cursor-mcp/oauth/callback",
    "com.example.app:/callback",
  ])("does not take %j", (uri) => {
    expect(isUsableRedirectUri(uri)).toBe(false);
  });

  test("takes nothing but https, this machine and the listed scheme, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl({ withFragments: true })), (text) => {
        if (!isUsableRedirectUri(text)) return;
        const url = new URL(text);
        expect(url.protocol === "https:" || isLoopbackRedirectUri(text)).toBe(true);
        expect(url.hash).toBe("");
      }),
      { numRuns: 50 },
    );
    // Making the first address takes workerd a second.
  }, 30_000);
});

describe("isTrustedRedirectUri()", () => {
  test.each([
    "https://claude.ai/api/mcp/auth_callback",
    "http://127.0.0.1:1/",
    "cursor://anysphere.cursor-mcp/oauth/callback",
  ])("is true of %s", (uri) => {
    expect(isTrustedRedirectUri(uri)).toBe(true);
  });

  test.each(["https://evil.example/", "https://claude.ai.evil.example/", "http://claude.ai/", "x"])(
    "is false of %s",
    (uri) => {
      expect(isTrustedRedirectUri(uri)).toBe(false);
    },
  );
});

describe("shownRedirectHost()", () => {
  test.each([
    { uri: "https://claude.ai/api/mcp/auth_callback", shown: "claude.ai" },
    { uri: "http://127.0.0.1:33418/callback", shown: "127.0.0.1:33418" },
    {
      uri: "cursor://anysphere.cursor-mcp/oauth/callback",
      shown: "cursor://anysphere.cursor-mcp/oauth/callback",
    },
  ])("of $uri is $shown", ({ uri, shown }) => {
    expect(shownRedirectHost(uri)).toBe(shown);
  });
});
