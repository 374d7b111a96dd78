import { expect, test } from "vitest";
import { hostPort } from "#shared/net/host-port.ts";

test.each([
  ["127.0.0.1", "127.0.0.1:8787"],
  ["localhost", "localhost:8787"],
  ["::1", "[::1]:8787"],
])("hostPort of %s is %s", (host, written) => {
  expect(hostPort(host, 8787)).toBe(written);
});
