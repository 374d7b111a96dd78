import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatResourceUri,
  parseResourceUri,
  type InstanceRef,
  type ResourceAddress,
} from "#shared/mcp/resources/resource-uri.ts";
import { anyCharacter } from "../../../support/any-character.ts";

const instance = fc.stringMatching(/^[a-z0-9-]{1,40}\/[a-z0-9-]{1,40}$/);
const socket = fc
  .array(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.map((part) => part.replaceAll("/", "_")).join("/")}`);
const of: fc.Arbitrary<InstanceRef> = fc.oneof(
  fc.record({ by: fc.constant("instance" as const), instance }),
  fc.record({ by: fc.constant("socket" as const), socket }),
);
const key = fc
  .string({ minLength: 1, maxLength: 60, unit: "grapheme" })
  .filter((text) => !/\p{Surrogate}/u.test(text));
const address: fc.Arbitrary<ResourceAddress> = fc.oneof(
  fc.constant({ kind: "instances" as const }),
  fc.record({ kind: fc.constantFrom("records" as const, "metrics" as const), of }),
  fc.record({ kind: fc.constantFrom("record" as const, "schema" as const), of, key }),
);

describe("parseResourceUri()", () => {
  test("reads what formatResourceUri() writes, whatever the key and the path hold", () => {
    fc.assert(
      fc.property(address, (written) => {
        expect(parseResourceUri(formatResourceUri(written))).toEqual(written);
      }),
    );
  });

  test.each<[string, ResourceAddress]>([
    ["aimdb://instances", { kind: "instances" }],
    [
      "aimdb://gw-1/plant/records",
      { kind: "records", of: { by: "instance", instance: "gw-1/plant" } },
    ],
    [
      "aimdb://gw-1/plant/record/server%3A%3ATemperature",
      {
        kind: "record",
        of: { by: "instance", instance: "gw-1/plant" },
        key: "server::Temperature",
      },
    ],
    [
      "aimdb:///tmp/aimdb-demo.sock/records",
      { kind: "records", of: { by: "socket", socket: "/tmp/aimdb-demo.sock" } },
    ],
    [
      "aimdb:///tmp/aimdb-demo.sock/record/sensor.temp",
      {
        kind: "record",
        of: { by: "socket", socket: "/tmp/aimdb-demo.sock" },
        key: "sensor.temp",
      },
    ],
  ])("reads %s", (uri, expected) => {
    expect(parseResourceUri(uri)).toEqual(expected);
  });

  test.each([
    "",
    "aimdb://",
    "aimdb://gw-1",
    "aimdb://gw-1/plant",
    "aimdb://gw-1/plant/secrets",
    "aimdb://gw-1/plant/record/",
    "aimdb://gw-1/plant/record/a/b",
    "aimdb://gw-1/plant/record/%ff",
    "aimdb://gw-1/plant/record/a?token=x",
    "aimdb://GW/plant/records",
    "aimdb://gw-1/../records",
    "http://gw-1/plant/records",
    `aimdb://gw-1/plant/record/${"x".repeat(257)}`,
    `aimdb:///${"x".repeat(3_000)}/records`,
  ])("knows no resource %j", (uri) => {
    expect(parseResourceUri(uri)).toBeUndefined();
  });

  test("takes any text without throwing", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (text) => {
        const parsed = parseResourceUri(`aimdb://${text}`);

        expect(parsed === undefined || formatResourceUri(parsed).startsWith("aimdb://")).toBe(true);
      }),
    );
  });
});
