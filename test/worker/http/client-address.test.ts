import { describe, expect, test } from "vitest";
import { addressBlock, clientAddress, networkOf } from "../../../worker/http/client-address.ts";

describe("clientAddress()", () => {
  test.each([
    ["192.0.2.7:40742", "192.0.2.7"],
    ["[2001:db8::7]:40742", "2001:db8::7"],
    ["[::ffff:192.0.2.7]:40742", "192.0.2.7"],
  ])("is of workerd's %s, whatever a header claims, %s", (clientIp, address) => {
    const request = new Request("http://localhost", {
      headers: { "cf-connecting-ip": "203.0.113.9" },
      cf: { clientIp },
    });

    expect(clientAddress(request, {})).toBe(address);
  });

  test("is the platform's header on Cloudflare, and unknown without one", () => {
    const request = new Request("http://localhost", {
      headers: { "cf-connecting-ip": "203.0.113.9" },
    });

    expect(clientAddress(request, {})).toBe("203.0.113.9");
    expect(clientAddress(new Request("http://localhost"), {})).toBe("unknown");
  });

  test.each([
    { proxies: "1", forwarded: "198.51.100.1", address: "198.51.100.1" },
    { proxies: "1", forwarded: "203.0.113.66, 198.51.100.1", address: "198.51.100.1" },
    { proxies: "2", forwarded: "203.0.113.66,198.51.100.1 , 10.0.0.2", address: "198.51.100.1" },
    { proxies: "2", forwarded: "198.51.100.1", address: "198.51.100.1" },
    { proxies: "1", forwarded: "198.51.100.1:443", address: "198.51.100.1" },
    { proxies: "1", forwarded: "[2001:db8::7]:443", address: "2001:db8::7" },
    { proxies: "1", forwarded: "2001:db8::7", address: "2001:db8::7" },
    { proxies: "1", forwarded: "::ffff:198.51.100.1", address: "198.51.100.1" },
    { proxies: "1", forwarded: "198.51.100.1, _hidden", address: "unknown" },
    { proxies: "1", forwarded: "", address: "127.0.0.1" },
    { proxies: undefined, forwarded: "198.51.100.1", address: "127.0.0.1" },
    { proxies: "0", forwarded: "198.51.100.1", address: "127.0.0.1" },
    { proxies: "all", forwarded: "198.51.100.1", address: "127.0.0.1" },
  ])(
    "is $address with $proxies trusted proxies and X-Forwarded-For '$forwarded'",
    ({ proxies, forwarded, address }) => {
      const request = new Request("http://localhost", {
        headers: { "x-forwarded-for": forwarded },
        cf: { clientIp: "127.0.0.1:40742" },
      });
      const settings = proxies === undefined ? {} : { TRUSTED_PROXIES: proxies };

      expect(clientAddress(request, settings)).toBe(address);
    },
  );

  test("is never a proxy's word on Cloudflare", () => {
    const request = new Request("http://localhost", {
      headers: { "cf-connecting-ip": "203.0.113.9", "x-forwarded-for": "198.51.100.1" },
    });

    expect(clientAddress(request, { TRUSTED_PROXIES: "1" })).toBe("203.0.113.9");
  });
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0DB8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001::2:3:4:5:6:7", "2001:0:2:3::/64"],
  ["::1", "0:0:0:0::/64"],
  ["unknown", "unknown"],
])("addressBlock() of a request from %s is %s", (address, block) => {
  const request = new Request("http://localhost", { headers: { "cf-connecting-ip": address } });

  expect(addressBlock(request, {})).toBe(block);
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
