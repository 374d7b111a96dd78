import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import type { Inventory } from "#shared/link/inventory.ts";
import {
  raiseGeneration,
  readInventory,
  readRelayRow,
  spendJti,
  writeInventory,
  writeOffline,
} from "../../../worker/relay/relay-row.ts";
import { announced } from "../support/builders.ts";
import { inObject, newObjectId } from "../support/objects.ts";
import { inRelayTables } from "../support/relay-tables.ts";

afterEach(() => reset());

const PUBLIC_KEY = { kty: "OKP", crv: "Ed25519", x: "A".repeat(43) } as const;

function insertRow(sql: SqlStorage): void {
  sql.exec(
    "INSERT INTO relay (one, team, name, public_key, installation, created_at, generation, offline_since) VALUES (1, 'team', 'gw-1', ?, 'installation', 5, 0, 5)",
    JSON.stringify(PUBLIC_KEY),
  );
}

describe("the relay's row", () => {
  test("is undefined without tables, and without a relay in them", async () => {
    const bare = await inObject("TEAM", newObjectId("TEAM"), ({ storage }) =>
      readRelayRow(storage.sql),
    );
    const empty = await inRelayTables((sql) => readRelayRow(sql));

    expect([bare, empty]).toEqual([undefined, undefined]);
  });

  test("counts accepted dials and forgets since when the relay was offline", async () => {
    const rows = await inRelayTables((sql) => {
      insertRow(sql);
      const before = readRelayRow(sql);
      raiseGeneration(sql);
      raiseGeneration(sql);
      const live = readRelayRow(sql);
      writeOffline(sql, { sinceMs: 99, hasLeft: true });
      return [before, live, readRelayRow(sql)];
    });

    const same = {
      team: "team",
      name: "gw-1",
      installation: "installation",
      status: "active",
    };
    expect(rows).toEqual([
      { ...same, generation: 0, offlineSinceMs: 5, hasLeft: false },
      { ...same, generation: 2, offlineSinceMs: null, hasLeft: false },
      { ...same, generation: 2, offlineSinceMs: 99, hasLeft: true },
    ]);
  });
});

describe("the id of a dial token", () => {
  test("is spent once [D-6]", async () => {
    const spent = await inRelayTables((sql) => [
      spendJti(sql, "a", 0),
      spendJti(sql, "b", 0),
      spendJti(sql, "a", 1),
    ]);

    expect(spent).toEqual([true, true, false]);
  });

  test("is kept as long as a token could be accepted, and forgotten after that [D-6]", async () => {
    const [atTheEnd, kept, later] = await inRelayTables((sql) => {
      spendJti(sql, "a", 0);
      const atTheEnd = spendJti(sql, "a", 180_000);
      spendJti(sql, "b", 180_001);
      const kept = sql.exec("SELECT jti FROM dial_jti").toArray();
      return [atTheEnd, kept, spendJti(sql, "a", 180_002)] as const;
    });

    expect(atTheEnd).toBe(false);
    expect(kept).toEqual([{ jti: "b" }]);
    expect(later).toBe(true);
  });
});

describe("the inventory", () => {
  test("is the last one that came", async () => {
    const first: Inventory = {
      t: "inventory",
      confirm_writes: "never",
      instances: [],
      skipped: [],
    };
    const last: Inventory = { ...first, confirm_writes: "always", instances: [announced()] };

    const [none, read] = await inRelayTables((sql) => {
      const none = readInventory(sql);
      writeInventory(sql, first);
      writeInventory(sql, last);
      return [none, readInventory(sql)];
    });

    expect(none).toBeUndefined();
    expect(read).toEqual(last);
  });
});
