import { describe, expect, test } from "vitest";
import { addressedBy, isAllowedOrigin, originsOf } from "../../worker/origins.ts";

const PUBLIC = originsOf({ PUBLIC_URL: "https://aimdb.example.com" });
const WITH_PORT = originsOf({ PUBLIC_URL: "https://aimdb.example.com:8443" });
const LOOPBACK = originsOf({
  PUBLIC_URL: "http://127.0.0.1:8787",
  TOKEN_URL: "http://127.0.0.1:8788",
});

describe("originsOf()", () => {
  test.each([
    { set: { PUBLIC_URL: "https://aimdb.example.com" }, token: "https://token.aimdb.example.com" },
    { set: { PUBLIC_URL: "https://a.example:8443" }, token: "https://token.a.example:8443" },
    { set: { PUBLIC_URL: "http://localhost:8787" }, token: "http://token.localhost:8787" },
    {
      set: { PUBLIC_URL: "https://a.example", TOKEN_URL: "https://b.example/x?y" },
      token: "https://b.example",
    },
    { set: { PUBLIC_URL: "https://a.example", TOKEN_URL: "" }, token: "https://token.a.example" },
  ])("puts the token origin of $set at $token", ({ set, token }) => {
    expect(originsOf(set).token.origin).toBe(token);
  });

  test("takes the origin of an address with a path", () => {
    expect(originsOf({ PUBLIC_URL: "https://a.example/x/?y#z" }).main.href).toBe(
      "https://a.example/",
    );
  });
});

describe("addressedBy()", () => {
  test.each([
    { origins: PUBLIC, host: "aimdb.example.com", addressed: "main" },
    { origins: PUBLIC, host: "AIMDB.Example.com", addressed: "main" },
    { origins: PUBLIC, host: "aimdb.example.com:443", addressed: "main" },
    { origins: PUBLIC, host: "token.aimdb.example.com", addressed: "token" },
    { origins: PUBLIC, host: "TOKEN.aimdb.example.com", addressed: "token" },
    { origins: PUBLIC, host: "aimdb.example.com:80", addressed: undefined },
    { origins: PUBLIC, host: "aimdb.example.com.evil.example", addressed: undefined },
    { origins: PUBLIC, host: "evil.example", addressed: undefined },
    { origins: PUBLIC, host: "x@aimdb.example.com", addressed: undefined },
    { origins: PUBLIC, host: "aimdb.example.com/x", addressed: undefined },
    { origins: PUBLIC, host: "localhost", addressed: undefined },
    { origins: PUBLIC, host: "", addressed: undefined },
    { origins: PUBLIC, host: undefined, addressed: undefined },
    { origins: WITH_PORT, host: "aimdb.example.com:8443", addressed: "main" },
    { origins: WITH_PORT, host: "aimdb.example.com", addressed: undefined },
    { origins: LOOPBACK, host: "127.0.0.1:8787", addressed: "main" },
    { origins: LOOPBACK, host: "localhost:8787", addressed: "main" },
    { origins: LOOPBACK, host: "[::1]:8787", addressed: "main" },
    { origins: LOOPBACK, host: "localhost:8788", addressed: "token" },
    { origins: LOOPBACK, host: "localhost:8789", addressed: undefined },
    { origins: LOOPBACK, host: "localhost", addressed: undefined },
    { origins: LOOPBACK, host: "evil.example:8787", addressed: undefined },
    { origins: LOOPBACK, host: "127.0.0.1.evil.example:8787", addressed: undefined },
  ])("takes Host $host at $origins.main.origin for $addressed", ({ origins, host, addressed }) => {
    expect(addressedBy(host, origins)).toBe(addressed);
  });
});

describe("isAllowedOrigin()", () => {
  test.each([
    { origins: PUBLIC, origin: undefined, allowed: true },
    { origins: PUBLIC, origin: "https://aimdb.example.com", allowed: true },
    { origins: PUBLIC, origin: "https://token.aimdb.example.com", allowed: true },
    { origins: PUBLIC, origin: "http://aimdb.example.com", allowed: false },
    { origins: PUBLIC, origin: "https://aimdb.example.com:8443", allowed: false },
    { origins: PUBLIC, origin: "https://evil.example", allowed: false },
    { origins: PUBLIC, origin: "https://aimdb.example.com.evil.example", allowed: false },
    { origins: PUBLIC, origin: "null", allowed: false },
    { origins: PUBLIC, origin: "", allowed: false },
    { origins: PUBLIC, origin: "http://localhost:6274", allowed: false },
    { origins: LOOPBACK, origin: "http://localhost:6274", allowed: true },
    { origins: LOOPBACK, origin: "http://[::1]:6274", allowed: true },
    { origins: LOOPBACK, origin: "http://localhost.evil.example", allowed: false },
    { origins: LOOPBACK, origin: "https://evil.example", allowed: false },
  ])("is $allowed for $origin at $origins.main.origin", ({ origins, origin, allowed }) => {
    expect(isAllowedOrigin(origin, origins)).toBe(allowed);
  });
});
