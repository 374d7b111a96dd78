import { describe, expect, test } from "vitest";
import { clientAddress, networkOf } from "../../../worker/http/client-address.ts";

describe("clientAddress()", () => {
  test.each([
    ["192.0.2.7:40742", "192.0.2.7"],
    ["[2001:db8::7]:40742", "2001:db8::7"],
  ])("is of workerd's %s, whatever a header claims, %s", (clientIp, address) => {
    const request = new Request("http://localhost", {
      headers: { "cf-connecting-ip": "203.0.113.9" },
      cf: { clientIp },
    });

    expect(clientAddress(request)).toBe(address);
  });

  test("is the platform's header on Cloudflare, and unknown without one", () => {
    const request = new Request("http://localhost", {
      headers: { "cf-connecting-ip": "203.0.113.9" },
    });

    expect(clientAddress(request)).toBe("203.0.113.9");
    expect(clientAddress(new Request("http://localhost"))).toBe("unknown");
  });
});

test.each([
  ["192.0.2.77", "192.0.2.0/24"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
  ["2001:0DB8:0001::1", "2001:db8:1::/48"],
  ["2001:db8::1", "2001:db8:0::/48"],
  ["::1", "0:0:0::/48"],
  ["unknown", "unknown"],
])("networkOf(%s) is %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
