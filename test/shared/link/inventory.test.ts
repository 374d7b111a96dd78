import { expect, test } from "vitest";
import { announcedInstanceSchema, inventorySchema } from "#shared/link/inventory.ts";
import { MAX_INSTANCES, MAX_RECORDS_PER_INSTANCE, MAX_TEXT_LENGTH } from "#shared/link/limits.ts";

const INSTANCE = {
  name: "boiler",
  socket_path: "/tmp/boiler.sock",
  state: "up",
  record_count: 0,
  writable_count: 0,
};
const SKIPPED = { socket_path: "/tmp/x.sock", reason: "It does not speak AimX." };
const INVENTORY = { t: "inventory", confirm_writes: "always", instances: [INSTANCE], skipped: [] };

function times<T>(count: number, item: T): T[] {
  return Array.from({ length: count }, () => item);
}

test.each([
  ["no instance", { instances: [] }, true],
  ["as many instances as there may be", { instances: times(MAX_INSTANCES, INSTANCE) }, true],
  ["one instance more", { instances: times(MAX_INSTANCES + 1, INSTANCE) }, false],
  ["as many skipped sockets as there may be", { skipped: times(MAX_INSTANCES, SKIPPED) }, true],
  ["one skipped socket more", { skipped: times(MAX_INSTANCES + 1, SKIPPED) }, false],
])("an inventory with %s", (_name, fields, success) => {
  expect(inventorySchema.safeParse({ ...INVENTORY, ...fields }).success).toBe(success);
});

test.each([
  ["as many records as there may be", MAX_RECORDS_PER_INSTANCE, true],
  ["one record more", MAX_RECORDS_PER_INSTANCE + 1, false],
])("an announced instance with %s", (_name, count, success) => {
  const records = times(count, { key: "k", type_name: "T" });

  expect(announcedInstanceSchema.safeParse({ ...INSTANCE, records }).success).toBe(success);
});

test.each([
  ["the longest reason", { reason: "r".repeat(MAX_TEXT_LENGTH) }, true],
  ["a longer reason", { reason: "r".repeat(MAX_TEXT_LENGTH + 1) }, false],
  ["the longest socket path", { socket_path: "/".repeat(MAX_TEXT_LENGTH) }, true],
  ["a longer socket path", { socket_path: "/".repeat(MAX_TEXT_LENGTH + 1) }, false],
  ["no cap told by the host", { max_subscriptions: null }, true],
  ["a negative cap", { max_subscriptions: -1 }, false],
])("an announced instance with %s", (_name, fields, success) => {
  expect(announcedInstanceSchema.safeParse({ ...INSTANCE, ...fields }).success).toBe(success);
});

test("an instance that was never up is announced without what it would have said", () => {
  expect(announcedInstanceSchema.parse({ ...INSTANCE, state: "down", reason: "Gone." })).toEqual({
    ...INSTANCE,
    state: "down",
    reason: "Gone.",
  });
});
