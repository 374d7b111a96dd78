import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Inventory } from "#shared/link/inventory.ts";
import type { LinkReading } from "#shared/link/last-known.ts";
import { LastKnownValues } from "../../../../worker/relay/calls/last-known.ts";
import { RELAY_MIGRATIONS } from "../../../../worker/relay/schema.ts";
import { migrate, migrateExisting } from "../../../../worker/storage/migrate.ts";
import { getResult, sample } from "../../../support/link/link-samples.ts";
import { announced } from "../../support/builders.ts";
import { inObject, newObjectId } from "../../support/objects.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

afterEach(() => reset());

const START_MS = 1_000_000;
const NOW_MS = START_MS + 60_000;

function reading(record_key: string, change: Partial<LinkReading["sample"]> = {}): LinkReading {
  return { ...getResult(change), record_key };
}

interface Kept {
  readonly values: LastKnownValues;
  readonly sql: SqlStorage;
  /** What is kept of an instance, newest first. */
  readonly at: (instance?: string) => LinkReading[];
}

function inValues<R>(run: (kept: Kept) => R | Promise<R>, inventory?: Inventory): Promise<R> {
  return inRelayTables((sql) => {
    const values = new LastKnownValues({ sql, nowMs: () => NOW_MS, inventory: () => inventory });
    return run({ values, sql, at: (name = "plant") => [...values.read(name).values()] });
  });
}

function inventoryOf(...keys: string[]): Inventory {
  const records = keys.map((key) => ({ key, type_name: `T${key}` }));
  return {
    t: "inventory",
    confirm_writes: "never",
    instances: [announced({ records })],
    skipped: [],
  };
}

describe("LastKnownValues", () => {
  test("keeps a reading at the time of the worker's clock [K-5]", async () => {
    const kept = await inValues(({ values, at }) => {
      values.note("plant", [reading("a", { at_ms: 1_500.5, value: 7 })], START_MS);
      return at();
    });

    expect(kept).toEqual([reading("a", { at_ms: START_MS + 1_500.5, value: 7 })]);
  });

  test("examines the last of many answers for a record, and only when it is needed [K-5]", async () => {
    const looked: number[] = [];
    const kept = await inValues(({ values, at }) => {
      const answer = (value: number) => () => {
        looked.push(value);
        return [reading("a", { at_ms: 500 + value, value })];
      };
      for (const value of [1, 2, 3]) {
        values.noteLater({ instance: "plant", key: "a" }, answer(value), START_MS);
      }
      expect(looked).toEqual([]);
      return at();
    });

    expect(looked).toEqual([3]);
    expect(kept).toEqual([reading("a", { at_ms: START_MS + 503, value: 3 })]);
  });

  test("keeps the newer of two, in whatever order and session they came [K-5]", async () => {
    const kept = await inValues(({ values, at }) => {
      values.note("plant", [reading("a", { at_ms: 500, value: "new" })], START_MS);
      values.note("plant", [reading("a", { at_ms: 9_000, value: "old" })], START_MS - 20_000);
      values.flush();
      values.note("plant", [reading("a", { at_ms: 100, value: "old too" })], START_MS);
      values.note("plant", [reading("b", { at_ms: 1 })], START_MS);
      return at();
    });

    expect(kept).toMatchObject([
      { record_key: "a", sample: { value: "new" } },
      { record_key: "b", sample: { at_ms: START_MS + 1 } },
    ]);
  });

  test("replaces a reading that claims to be from the future [K-5]", async () => {
    const kept = await inValues(({ values, at }) => {
      values.note("plant", [reading("a", { at_ms: 1e300, value: "forged" })], START_MS);
      values.note("plant", [reading("a", { at_ms: 60_000, value: "true" })], START_MS);
      return at();
    });

    expect(kept).toMatchObject([{ sample: { value: "true", at_ms: NOW_MS } }]);
  });

  test("keeps 256 KiB per instance: the oldest readings go [K-5]", async () => {
    const kept = await inValues(({ values, at }) => {
      for (const n of [3, 1, 5, 4, 2]) {
        const value = "温".repeat(20_000);
        values.note("plant", [reading(`r${n}`, { at_ms: n, value })], START_MS);
      }
      values.note("other", [reading("x")], START_MS);
      return [at().map(({ record_key }) => record_key), at("other").length];
    });

    expect(kept).toEqual([["r5", "r4", "r3", "r2"], 1]);
  });

  test("writes only the newest value while one record is read again and again", async () => {
    const kept = await inValues(({ values, sql, at }) => {
      const stored = () => sql.exec("SELECT COUNT(*) AS n FROM last_known").one()["n"];
      for (let n = 0; n < 500; n += 1) values.note("plant", [reading("a", { at_ms: n })], START_MS);
      const before = stored();
      return [before, at().map(({ sample: { at_ms } }) => at_ms)];
    });

    expect(kept).toEqual([0, [START_MS + 499]]);
  });

  test("keeps nothing of a record that the instance no longer has, or hides [K-7]", async () => {
    const kept = await inValues(({ values, at }) => {
      values.note("plant", [reading("a"), reading("gone")], START_MS);
      return at();
    }, inventoryOf("a"));

    expect(kept).toMatchObject([{ record_key: "a" }]);
  });

  test("forgets what an inventory does not name, and leaves what it has no list of [K-7]", async () => {
    const kept = await inValues(({ values, sql, at }) => {
      values.note("plant", [reading("a"), reading("secret", { value: "hidden" })], START_MS);
      values.note("other", [reading("b")], START_MS);
      values.flush();
      values.prune(inventoryOf("a"));
      const text = JSON.stringify(sql.exec("SELECT * FROM last_known").toArray());
      return [text.includes("hidden"), at().length, at("other").length];
    });

    expect(kept).toEqual([false, 1, 1]);
  });

  test("keeps 64 instances at most, those that were written last", async () => {
    const count = await inValues(({ values, sql }) => {
      for (let i = 0; i < 70; i += 1) values.note(`made-up-${i}`, [reading("a")], START_MS);
      values.flush();
      return sql.exec("SELECT COUNT(*) AS n FROM last_known").one()["n"];
    });

    expect(count).toBe(64);
  });

  test("writes what calls gave within a second, not for each call", async () => {
    const written = await inValues(async ({ values, sql }) => {
      const rows = () => sql.exec("SELECT * FROM last_known").toArray().length;
      values.note("plant", [reading("a")], START_MS);
      values.note("plant", [reading("b")], START_MS);
      const before = rows();
      await vi.waitFor(() => expect(rows()).toBe(1), { timeout: 3_000 });
      return before;
    });

    expect(written).toBe(0);
  });

  test("writes at once when more than two hundred wait", async () => {
    const rows = await inValues(({ values, sql }) => {
      const many = Array.from({ length: 201 }, (_, i) => reading(`r${i}`));
      values.note("plant", many, START_MS);
      return sql.exec("SELECT * FROM last_known").toArray().length;
    });

    expect(rows).toBe(1);
  });

  test("knows nothing of an instance that gave nothing", async () => {
    const kept = await inValues(({ values, at }) => {
      values.note("plant", [], START_MS);
      return at();
    });

    expect(kept).toEqual([]);
  });
});

test("a relay object of the previous release keeps what it has and learns last known values", async () => {
  const [drains, values] = await inObject("TEAM", newObjectId("TEAM"), ({ storage }) => {
    migrate(storage, RELAY_MIGRATIONS.slice(0, 2));
    storage.sql.exec("INSERT INTO drain_cursor VALUES ('p', 'plant', 'a', 'e.0', 4, 1)");
    migrateExisting(storage, RELAY_MIGRATIONS);
    const { sql } = storage;
    const known = new LastKnownValues({ sql, nowMs: () => NOW_MS, inventory: () => undefined });
    known.note("plant", [reading("a")], START_MS);
    return [sql.exec("SELECT * FROM drain_cursor").toArray(), [...known.read("plant").keys()]];
  });

  expect(drains).toMatchObject([{ record: "a", sequence: 4 }]);
  expect(values).toEqual(["a"]);
});

test("a sample's age counts from when it was observed, however many sessions ago", async () => {
  const [first] = await inValues(({ values, at }) => {
    values.note("plant", [{ ...reading("a"), sample: sample({ at_ms: -5_000 }) }], START_MS);
    return at();
  });

  expect(NOW_MS - (first?.sample.at_ms ?? 0)).toBe(65_000);
});
