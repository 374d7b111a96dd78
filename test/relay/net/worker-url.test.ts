import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseLinkUrl, parseWorkerUrl } from "../../../relay/net/worker-url.ts";
import { anyCharacter } from "../../support/any-character.ts";

describe("parseWorkerUrl gives the origin of", () => {
  test.each([
    ["https://aimdb.example.com", "https://aimdb.example.com/"],
    ["https://aimdb.example.com/", "https://aimdb.example.com/"],
    ["https://aimdb.example.com/mcp", "https://aimdb.example.com/"],
    ["https://aimdb.example.com/mcp/", "https://aimdb.example.com/"],
    ["https://aimdb.example.com:8443/mcp", "https://aimdb.example.com:8443/"],
    ["https://aimdb.example.com/#top", "https://aimdb.example.com/"],
    ["HTTPS://AIMDB.EXAMPLE.COM", "https://aimdb.example.com/"],
    ["http://localhost:8787", "http://localhost:8787/"],
    ["http://127.0.0.1:8787/mcp", "http://127.0.0.1:8787/"],
    ["http://[::1]:8787", "http://[::1]:8787/"],
  ])("%s", (text, origin) => {
    expect(parseWorkerUrl(text)).toEqual({ ok: true, value: new URL(origin) });
  });
});

describe("parseWorkerUrl refuses", () => {
  test.each([
    ["aimdb.example.com", /is not a URL/],
    ["", /is not a URL/],
    ["http://aimdb.example.com", /Plain http/],
    ["http://localhost.example.com", /Plain http/],
    ["http://127.0.0.1.example.com", /Plain http/],
    ["http://192.168.0.4:8787", /Plain http/],
    ["wss://aimdb.example.com", /must start with https/],
    ["ftp://aimdb.example.com", /must start with https/],
    ["file:///etc/passwd", /must start with https/],
    ["https://user@aimdb.example.com", /credentials/],
    ["https://u:p@aimdb.example.com", /credentials/],
    ["https://aimdb.example.com/?token=x", /query/],
    ["https://aimdb.example.com/relay", /path/],
    ["https://aimdb.example.com/mcp/mcp", /path/],
  ])("%s", (text, error) => {
    expect(parseWorkerUrl(text)).toEqual({ ok: false, error: expect.stringMatching(error) });
  });

  test("a URL with a password without repeating it", () => {
    expect(JSON.stringify(parseWorkerUrl("https://u:hunter2@w.example"))).not.toContain("hunter2");
  });
});

describe("parseLinkUrl takes", () => {
  test.each([
    "wss://aimdb.example.com/relay",
    "wss://relay.example.com/relay",
    "wss://aimdb.example.com:8443/relay",
    "ws://localhost:8787/relay",
    "ws://127.0.0.1:8787/relay",
    "ws://[::1]:8787/relay",
  ])("%s [T-4]", (text) => {
    expect(parseLinkUrl(text)).toEqual({ ok: true, value: new URL(text) });
  });
});

describe("parseLinkUrl refuses", () => {
  test.each([
    ["ws://aimdb.example.com/relay", /Plain http/],
    ["ws://localhost.example.com/relay", /Plain http/],
    ["ws://192.168.0.4:8787/relay", /Plain http/],
    ["https://aimdb.example.com/relay", /wss/],
    ["http://localhost:8787/relay", /wss/],
    ["wss://aimdb.example.com/", /path/],
    ["wss://aimdb.example.com/relay/", /path/],
    ["wss://aimdb.example.com/relay/relay", /path/],
    ["wss://u:p@aimdb.example.com/relay", /credentials/],
    ["wss://aimdb.example.com/relay?x=1", /query/],
    ["/relay", /not a URL/],
  ])("%s [T-4]", (text, error) => {
    expect(parseLinkUrl(text)).toEqual({ ok: false, error: expect.stringMatching(error) });
  });
});

test("parseLinkUrl takes no address at which the link could be read on its way [E-8] [T-4]", () => {
  const part = (...texts: string[]) => fc.constantFrom(...texts);
  const address = fc
    .tuple(
      part(
        "ws://",
        "wss://",
        "WS:",
        "http://",
        "https://",
        "ws:\\\\",
        "//",
        "javascript:",
        " wss://",
      ),
      part("", "localhost@", "a:b@", "127.0.0.1:80@"),
      part("localhost", "127.0.0.1", "[::1]", "w.example", "127.0.0.2", "localhost.", "0", "[::]"),
      part("", ":80", ":443", ":99999", "#", "?", "\\"),
      part("/relay", "/relay/", "", "/relay?x", "/relay#x", "/../relay", "relay"),
    )
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(address, fc.webUrl(), fc.string({ unit: anyCharacter })), (text) => {
      const parsed = parseLinkUrl(text);
      if (!parsed.ok) return;
      const { protocol, hostname, pathname, username, password, search } = parsed.value;
      const isHere = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
      expect(["wss:", ...(isHere ? ["ws:"] : [])]).toContain(protocol);
      expect({ pathname, username, password, search }).toEqual({
        pathname: "/relay",
        username: "",
        password: "",
        search: "",
      });
    }),
    { numRuns: 2_000 },
  );
});
