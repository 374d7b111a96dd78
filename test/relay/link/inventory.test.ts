import { expect, test } from "vitest";
import type { AnnouncedInstance } from "#shared/link/inventory.ts";
import { parseRelayFrame, encodeFrame } from "#shared/link/frame.ts";
import { MAX_INVENTORY_BYTES } from "#shared/link/limits.ts";
import { toInventory } from "../../../relay/link/inventory.ts";

function instance(name: string, count: number, keyOf = (i: number) => `record.${i}`) {
  const records = Array.from({ length: count }, (_, i) => ({
    key: keyOf(i),
    type_name: "host::Type",
  }));
  const announced: AnnouncedInstance = {
    name,
    socket_path: `/tmp/${name}.sock`,
    state: "up",
    record_count: count,
    writable_count: 0,
    records,
  };
  return announced;
}

function bytesOf(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

test("toInventory gives everything where it fits", () => {
  const instances = [instance("a", 3), instance("b", 0)];
  const skipped = [{ socket_path: "/tmp/x.sock", reason: "It is not a socket." }];
  expect(toInventory(instances, skipped, "local")).toEqual({
    t: "inventory",
    confirm_writes: "local",
    instances,
    skipped,
  });
});

test("toInventory leaves out the longest record lists first, and keeps their counts [I-3]", () => {
  const long = (i: number) => `${"k".repeat(240)}.${i}`;
  const instances = [instance("a", 100, long), instance("b", 2_000, long), instance("c", 5)];

  const inventory = toInventory(instances, [], "always");

  expect(inventory.instances.map(({ records }) => records?.length)).toEqual([100, undefined, 5]);
  expect(inventory.instances.map(({ record_count }) => record_count)).toEqual([100, 2_000, 5]);
  expect(bytesOf(inventory)).toBeLessThanOrEqual(MAX_INVENTORY_BYTES);
});

test("toInventory counts bytes, not characters [I-3]", () => {
  const wide = (i: number) => `${"温".repeat(240)}.${i}`;
  const instances = ["a", "b", "c"].map((name) => instance(name, 500, wide));

  const inventory = toInventory(instances, [], "always");

  expect(bytesOf(inventory)).toBeLessThanOrEqual(MAX_INVENTORY_BYTES);
  expect(inventory.instances.some(({ records }) => records !== undefined)).toBe(true);
});

test("toInventory of as many instances as there may be is a frame", () => {
  const reason = "x".repeat(1_000);
  const instances = Array.from({ length: 64 }, (_, i) => ({ ...instance(`i${i}`, 2_000), reason }));
  const skipped = Array.from({ length: 64 }, () => ({ socket_path: reason, reason }));

  const inventory = toInventory(instances, skipped, "never");

  expect(bytesOf(inventory)).toBeLessThanOrEqual(MAX_INVENTORY_BYTES);
  expect(parseRelayFrame(encodeFrame(inventory))).toMatchObject({ ok: true });
});

test("toInventory does not change what it was given", () => {
  const instances = [instance("a", 2_000, (i) => `${"k".repeat(255)}${i}`)];
  toInventory(instances, [], "always");
  expect(instances[0]?.records).toHaveLength(2_000);
});
