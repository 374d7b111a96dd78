import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { EntryStore, type Entry } from "../../../../worker/oauth/storage/entry-store.ts";
import { toKv, type OAuthKv } from "../../../../worker/oauth/storage/kv.ts";
import { planPurge, purge } from "../../../../worker/oauth/storage/purging.ts";
import { SHARD_MIGRATIONS } from "../../../../worker/oauth/storage/schema.ts";
import { migrate } from "../../../../worker/storage/migrate.ts";
import { inObject, newObjectId } from "../../support/objects.ts";

afterEach(() => reset());

const HOUR_MS = 3_600_000;

interface Bench {
  readonly store: EntryStore;
  readonly kv: OAuthKv;
  readonly clock: { nowMs: number };
  readonly storage: DurableObjectStorage;
}

function withStore<R>(run: (bench: Bench) => R | Promise<R>): Promise<R> {
  return inObject("TEAM", newObjectId("TEAM"), ({ storage }) => {
    migrate(storage, SHARD_MIGRATIONS);
    // Of now, since no alarm can be set for the past; of whole seconds, as KV's times are.
    const clock = { nowMs: Math.ceil(Date.now() / 1_000) * 1_000 };
    const now = () => clock.nowMs;
    const store = new EntryStore(storage.sql, now);
    return run({ store, kv: toKv(store, now), clock, storage });
  });
}

function entry(change: Partial<Entry> = {}): Entry {
  return { value: "v", metadata: null, expiresAtMs: null, ...change };
}

describe("the store as a KV namespace", () => {
  test("gives back what was put, as text or as JSON", () =>
    withStore(async ({ kv }) => {
      await kv.put("client:a", '{"b":1}');

      expect(await kv.get("client:a")).toBe('{"b":1}');
      expect(await kv.get("client:a", { type: "json" })).toEqual({ b: 1 });
      expect(await kv.get("client:x", { type: "json" })).toBeNull();
      await kv.put("client:a", '"new"');
      expect(await kv.get("client:a", { type: "json" })).toBe("new");
      await kv.delete("client:a");
      expect(await kv.get("client:a")).toBeNull();
    }));

  test("forgets at the given time, relative or absolute", () =>
    withStore(async ({ kv, clock }) => {
      await kv.put("token:a", "1", { expirationTtl: 60 });
      await kv.put("token:b", "1", { expiration: clock.nowMs / 1_000 + 60 });

      clock.nowMs += 59_999;
      expect([await kv.get("token:a"), await kv.get("token:b")]).toEqual(["1", "1"]);
      clock.nowMs += 1;
      expect([await kv.get("token:a"), await kv.get("token:b")]).toEqual([null, null]);
      expect(await kv.list({ prefix: "token:" })).toEqual({ keys: [], list_complete: true });
    }));

  test("lists what begins with a text, with its metadata", () =>
    withStore(async ({ kv }) => {
      await kv.put("grant:a.b:1", "v", { metadata: { clientId: "c" } });
      await kv.put("grant:a.b:2", "v");
      await kv.put("grant:a.bc:1", "v");
      await kv.put("token:a.b:1", "v");

      expect(await kv.list({ prefix: "grant:a.b:" })).toEqual({
        keys: [{ name: "grant:a.b:1", metadata: { clientId: "c" } }, { name: "grant:a.b:2" }],
        list_complete: true,
      });
    }));

  test("lists page by page, each key once", () =>
    withStore(async ({ kv }) => {
      for (let i = 0; i < 7; i += 1) await kv.put(`token:${i}`, "v");
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await kv.list({
          prefix: "token:",
          limit: 3,
          ...(cursor === undefined ? {} : { cursor }),
        });
        seen.push(...page.keys.map(({ name }) => name));
        cursor = page.list_complete ? undefined : page.cursor;
      } while (cursor !== undefined);

      expect(seen).toEqual(Array.from({ length: 7 }, (_, i) => `token:${i}`));
    }));
});

describe("EntryStore", () => {
  test("deletes all that begins with a text, and nothing else", () =>
    withStore(({ store }) => {
      for (const key of ["token:a:1", "token:a:2", "token:ab:1", "grant:a:1"]) {
        store.put(key, entry());
      }

      store.deleteAll("token:a:");

      expect([...store.list("token:", 10), ...store.list("grant:", 10)]).toEqual([
        { key: "token:ab:1", metadata: null },
        { key: "grant:a:1", metadata: null },
      ]);
    }));

  test("keeps the latest of a kind, and everything else", () =>
    withStore(({ store, clock: { nowMs } }) => {
      const fresh = entry({ metadata: '"new"', expiresAtMs: nowMs + 1 });
      store.put("client:used", entry({ expiresAtMs: nowMs + 1 }));
      for (const key of ["register:a", "client:c", "client:a", "client:b"]) store.put(key, fresh);

      store.keepLatest(1, "client:", '"new"');

      expect([...store.list("client:", 10), ...store.list("register:", 10)]).toEqual([
        { key: "client:b", metadata: '"new"' },
        { key: "client:used", metadata: null },
        { key: "register:a", metadata: '"new"' },
      ]);
    }));
});

describe("the purge", () => {
  test("is planned once, in an hour", () =>
    withStore(async ({ storage, clock: { nowMs } }) => {
      await planPurge(storage, nowMs);
      await planPurge(storage, nowMs + 60_000);

      expect(await storage.getAlarm()).toBe(nowMs + HOUR_MS);
      await storage.deleteAlarm();
    }));

  test("comes sooner than planned for what was written since", () =>
    withStore(async ({ storage, clock: { nowMs } }) => {
      await storage.setAlarm(nowMs + 100 * HOUR_MS);

      await planPurge(storage, nowMs);

      expect(await storage.getAlarm()).toBe(nowMs + HOUR_MS);
      await storage.deleteAlarm();
    }));

  test("deletes what has expired, and comes again when something else expires", () =>
    withStore(async ({ store, storage, clock: { nowMs } }) => {
      store.put("token:ended", entry({ expiresAtMs: nowMs }));
      store.put("token:later", entry({ expiresAtMs: nowMs + 5 * HOUR_MS }));
      store.put("client:forever", entry());

      await purge(store, storage, nowMs);

      expect(storage.sql.exec("SELECT key FROM oauth_entry ORDER BY key").toArray()).toEqual([
        { key: "client:forever" },
        { key: "token:later" },
      ]);
      expect(await storage.getAlarm()).toBe(nowMs + 5 * HOUR_MS);
      await storage.deleteAlarm();
    }));

  test("does not move an alarm that comes sooner for something else", () =>
    withStore(async ({ store, storage, clock: { nowMs } }) => {
      store.put("token:later", entry({ expiresAtMs: nowMs + 700 * HOUR_MS }));
      await storage.setAlarm(nowMs + 60_000);

      await purge(store, storage, nowMs);

      expect(await storage.getAlarm()).toBe(nowMs + 60_000);
      await storage.deleteAlarm();
    }));

  test("does not come again if nothing expires", () =>
    withStore(async ({ store, storage, clock: { nowMs } }) => {
      store.put("client:forever", entry());

      await purge(store, storage, nowMs);

      expect(await storage.getAlarm()).toBeNull();
    }));
});
