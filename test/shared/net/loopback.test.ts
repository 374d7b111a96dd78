import { expect, test } from "vitest";
import { isLoopback, isPlainLoopback } from "#shared/net/loopback.ts";

test.each([
  ["http://localhost:8787", true],
  ["http://LOCALHOST", true],
  ["http://127.0.0.1", true],
  ["http://[0:0::1]:1", true],
  ["http://127.0.0.2", false],
  ["http://localhost.example.com", false],
  ["http://token.localhost", false],
  ["http://0.0.0.0", false],
])("the host of %s is this machine: %s", (text, expected) => {
  expect(isLoopback(new URL(text).hostname)).toBe(expected);
});

test.each([
  ["http://localhost", true],
  ["https://localhost", false],
  ["http://example.com", false],
])("%s is plain HTTP within this machine: %s", (text, expected) => {
  expect(isPlainLoopback(new URL(text))).toBe(expected);
});
