import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { looksLikeUrl, parseClientIdUrl } from "../../../../worker/oauth/clients/client-id-url.ts";

describe("parseClientIdUrl()", () => {
  test.each([
    "https://claude.ai/oauth/claude-code-client-metadata",
    "https://chatgpt.com/oauth/client.json",
    "https://chatgpt.com/oauth/abc/client.json",
    "https://client.example:8443/a?b=c",
  ])("takes %s", (id) => {
    expect(parseClientIdUrl(id)?.href).toBe(id);
  });

  test.each([
    "http://client.example/a",
    "ftp://client.example/a",
    "https://client.example",
    "https://client.example/",
    "https://client.example/a#b",
    "https://client.example/a#",
    "https://user@client.example/a",
    "https://client.example/../a",
    "https://client.example/./a",
    "https://client.example/%2e%2e/a",
    "https://client.example\\a",
    "https://client.example:443/a",
    "https://Client.example/a",
    "https://client.example/a b",
    "https://client.example/ä",
    " https://client.example/a",
    `https://client.example/${"a".repeat(500)}`,
  ])("does not take %j, which is no or no plain address", (id) => {
    expect(parseClientIdUrl(id)).toBeUndefined();
  });

  test.each([
    "https://localhost/a",
    "https://a.localhost/a",
    "https://127.0.0.1/a",
    "https://2130706433/a",
    "https://0x7f.1/a",
    "https://017700000001/a",
    "https://10.0.0.1/a",
    "https://192.168.1.1/a",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/a",
    "https://8.8.8.8/a",
    "https://[::1]/a",
    "https://[fe80::1]/a",
    "https://[::ffff:10.0.0.1]/a",
    "https://intranet/a",
    "https://printer.local/a",
    "https://metadata.google.internal/a",
    "https://router.lan/a",
    "https://nas.home.arpa/a",
    "https://client.example./a",
  ])("does not take %j, which is not public", (id) => {
    expect(parseClientIdUrl(id)).toBeUndefined();
  });

  test("takes https names in their one spelling only, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl(), fc.ipV4().map(atHttps)), (text) => {
        const url = parseClientIdUrl(text);
        if (url === undefined) return;
        expect(url.href).toBe(text);
        expect(url.protocol).toBe("https:");
        expect(/^\d|\[/.test(url.hostname) && !/[a-z]/.test(url.hostname)).toBe(false);
      }),
      { numRuns: 50 },
    );
    // Making the first address takes workerd a second.
  }, 30_000);
});

function atHttps(host: string): string {
  return `https://${host}/client.json`;
}

test.each([
  { id: "abcDEF123_-456789", looks: false },
  { id: "https://client.example/a", looks: true },
  { id: "http://10.0.0.1/", looks: true },
])("looksLikeUrl($id) is $looks", ({ id, looks }) => {
  expect(looksLikeUrl(id)).toBe(looks);
});
