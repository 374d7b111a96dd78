import { describe, expect, test } from "vitest";
import type { Origin } from "#shared/aimx/graph.ts";
import {
  decideWrite,
  isApproved,
  type GivenApproval,
  type WriteTarget,
} from "../../../relay/access/write-policy.ts";
import type { Config } from "../../../relay/config.ts";
import { configOf, rowOf } from "../support/host-side/builders.ts";

function target(more: Partial<WriteTarget> = {}): WriteTarget {
  return { instance: "boiler", row: rowOf("app.settings"), origin: "passive", ...more };
}

test("decideWrite opens a record that everybody opens", () => {
  expect(decideWrite(configOf(), target())).toEqual({
    writable: true,
    reason: "The device file opens it.",
    entries: [{ record: "*" }],
  });
});

describe("decideWrite refuses a record", () => {
  test.each<[string, Partial<Config>, Partial<WriteTarget>, RegExp]>([
    ["with a source", {}, { origin: "source" }, /application produces it/],
    ["that a transform fills", {}, { origin: { transform: { input: "x" } } }, /produces it/],
    ["that a link fills", {}, { origin: { link: { protocol: "mqtt" } } }, /produces it/],
    ["whose producer can't be known", {}, { origin: undefined }, /assume_no_producer/],
    ["of no entry", { writableRecords: [] }, {}, /entry in its writable_records/],
    [
      "of another key",
      { writableRecords: [{ record: "sys.*" }] },
      {},
      /entry in its writable_records/,
    ],
    [
      "of another instance",
      { writableRecords: [{ record: "*", instance: "tank-*" }] },
      {},
      /entry in its writable_records/,
    ],
  ])("%s", (_name, config, more, reason) => {
    expect(decideWrite(configOf(config), target(more))).toEqual({
      writable: false,
      refusedBy: "device",
      reason: expect.stringMatching(reason),
    });
  });

  test("that the host closes", () => {
    const row = rowOf("app.settings", { writable: false });
    expect(decideWrite(configOf(), target({ row }))).toEqual({
      writable: false,
      refusedBy: "host",
      reason: "The host's policy does not let it be written.",
    });
  });

  test("for the host's reason before the device's own", () => {
    const row = rowOf("a", { writable: false });
    expect(decideWrite(configOf({ writableRecords: [] }), target({ row }))).toMatchObject({
      refusedBy: "host",
    });
  });
});

test.each<[Config["confirmWrites"], GivenApproval, boolean]>([
  ["never", undefined, true],
  ["never", "client", true],
  ["always", undefined, false],
  ["always", "client", true],
  ["always", "human", true],
  ["always", "local", true],
  ["local", undefined, false],
  ["local", "client", false],
  ["local", "human", false],
  ["local", "local", true],
])("isApproved of a device that says %s, given %s, is %s [M-12]", (confirmWrites, given, is) => {
  expect(isApproved({ confirmWrites }, given)).toBe(is);
});

test.each(["always", "local"] as const)(
  "decideWrite opens a record that wants a confirmation, and says so: %s",
  (confirmWrites) => {
    expect(decideWrite(configOf({ confirmWrites }), target())).toMatchObject({
      writable: true,
      reason: expect.stringMatching(/each write needs an? (confirmation|approval on the device)/),
    });
  },
);

describe("decideWrite on a host without a graph", () => {
  const writable = (writableRecords: Config["writableRecords"], origin?: Origin) =>
    decideWrite(configOf({ writableRecords }), target({ origin })).writable;

  test("opens the record that the device file vouches for", () => {
    expect(writable([{ record: "app.settings", assume_no_producer: true }])).toBe(true);
  });

  test.each([
    ["another record", "app.other"],
    ["a glob", "app.*"],
  ])("does not take the word for %s", (_name, record) => {
    expect(writable([{ record: "*" }, { record, assume_no_producer: true }])).toBe(false);
  });

  test("does not take the word on another instance", () => {
    const record = { record: "app.settings", instance: "tank", assume_no_producer: true };
    expect(writable([{ record: "*" }, record])).toBe(false);
  });

  test("does not take the word against a graph that shows a producer", () => {
    expect(writable([{ record: "app.settings", assume_no_producer: true }], "source")).toBe(false);
  });
});

test("decideWrite names every entry that opens the record, since the limits of all hold", () => {
  const writableRecords = [
    { record: "app.*", max_per_minute: 5 },
    { record: "other" },
    { record: "app.settings", instance: "boil*", fields: { max: { max: 9 } } },
  ];

  const decision = decideWrite(configOf({ writableRecords }), target());

  expect(decision).toMatchObject({ entries: [writableRecords[0], writableRecords[2]] });
});
