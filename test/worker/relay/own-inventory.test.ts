import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import type { Inventory } from "#shared/link/inventory.ts";
import { OwnInventory } from "../../../worker/relay/own-inventory.ts";
import { readInventory, writeInventory } from "../../../worker/relay/relay-row.ts";
import { announced } from "../support/builders.ts";
import { inRelayTables } from "../support/relay-tables.ts";

afterEach(() => reset());

const EMPTY: Inventory = { t: "inventory", confirm_writes: "never", instances: [], skipped: [] };
const FULL: Inventory = { ...EMPTY, instances: [announced()] };

test("OwnInventory finds one that was stored before it was made, and reads it once", async () => {
  const [none, first, second] = await inRelayTables((sql) => {
    const inventory = new OwnInventory(sql);
    const none = inventory.read();
    writeInventory(sql, FULL);
    return [none, inventory.read(), inventory.read()];
  });

  expect(none).toBeUndefined();
  expect(first).toEqual(FULL);
  expect(second).toBe(first);
});

test("OwnInventory shows what was written at once, and stores it", async () => {
  const [shown, stored] = await inRelayTables((sql) => {
    const inventory = new OwnInventory(sql);
    inventory.write(EMPTY);
    inventory.read();
    inventory.write(FULL);
    return [inventory.read(), readInventory(sql)];
  });

  expect(shown).toEqual(FULL);
  expect(stored).toEqual(FULL);
});
