/** What holds of a desk's rows wherever they are kept: the same facts over each kind of rows. */
import { describe, expect, test } from "vitest";
import type { DeskRows, DrainCursor, Subscription } from "#shared/desk/desk-rows.ts";

const NOW_MS = 10_000_000;

export function describeDeskRows(withRows: <R>(run: (rows: DeskRows) => R) => Promise<R>): void {
  describe("a subscription", () => {
    const lastRead = { id: "r", cursor: { epoch: "e.0", sequence: 2 }, eventsLeft: 5 };
    test.each([
      { eventsLeft: null },
      { eventsLeft: 3, ended: true, lastRead },
      { lastRead: { ...lastRead, eventsLeft: null } },
    ])("is read as it was written last: %j", async (change) => {
      const written = subscription(change);

      const read = await withRows((rows) => {
        rows.writeSubscription(subscription({ cursor: { epoch: "old", sequence: 0 } }));
        rows.writeSubscription(written);
        return rows.readSubscription("s", "p");
      });

      expect(read).toEqual(written);
    });

    test("is not there for another principal, as for another id", async () => {
      const read = await withRows((rows) => {
        rows.writeSubscription(subscription());
        return [rows.readSubscription("s", "q"), rows.readSubscription("t", "p")];
      });

      expect(read).toEqual([undefined, undefined]);
    });

    test("counts for its principal on its instance while it goes on", async () => {
      const counted = await withRows((rows) => {
        const all: Subscription[] = [
          subscription({ id: "1" }),
          subscription({ id: "2" }),
          subscription({ id: "ended", ended: true }),
          subscription({ id: "over", endsAtMs: NOW_MS }),
          subscription({ id: "foreign", principal: "q" }),
          subscription({ id: "elsewhere", instance: "other" }),
        ];
        for (const each of all) rows.writeSubscription(each);
        return rows.countActive({ principal: "p", instance: "plant" }, NOW_MS);
      });

      expect(counted).toBe(2);
    });

    test("is forgotten if it was last used before the time given", async () => {
      const left = await withRows((rows) => {
        rows.writeSubscription(subscription({ id: "kept", usedAtMs: NOW_MS }));
        rows.writeSubscription(subscription({ id: "old", usedAtMs: NOW_MS - 1 }));
        rows.forgetSubscriptions(NOW_MS);
        return ["kept", "old"].map((id) => rows.readSubscription(id, "p")?.id);
      });

      expect(left).toEqual(["kept", undefined]);
    });
  });

  describe("a drain", () => {
    test("is read as it was written last", async () => {
      const read = await withRows((rows) => {
        rows.writeDrain(drain({ cursor: { epoch: "old", sequence: 0 }, usedAtMs: 0 }));
        rows.writeDrain(drain());
        return rows.readDrain({ principal: "p", instance: "plant", record: "sensor.temp" });
      });

      expect(read).toEqual(drain());
    });

    test.each([{ principal: "q" }, { instance: "other" }, { record: "sensor.temp.raw" }])(
      "is not there for %j",
      async (change) => {
        const read = await withRows((rows) => {
          rows.writeDrain(drain());
          return rows.readDrain({ ...drain(), ...change });
        });

        expect(read).toBeUndefined();
      },
    );

    test("is not mistaken for one whose names only look the same side by side", async () => {
      const read = await withRows((rows) => {
        rows.writeDrain(drain({ instance: "plant", record: "a/b" }));
        return rows.readDrain({ principal: "p", instance: "plant/a", record: "b" });
      });

      expect(read).toBeUndefined();
    });

    test("is forgotten if it was last used before the time given", async () => {
      const left = await withRows((rows) => {
        rows.writeDrain(drain({ record: "kept", usedAtMs: NOW_MS }));
        rows.writeDrain(drain({ record: "old", usedAtMs: NOW_MS - 1 }));
        rows.forgetDrains(NOW_MS);
        return ["kept", "old"].map((record) => rows.readDrain(drain({ record }))?.record);
      });

      expect(left).toEqual(["kept", undefined]);
    });
  });
}

function subscription(change: Partial<Subscription> = {}): Subscription {
  return {
    id: "s",
    principal: "p",
    instance: "plant",
    record: "sensor.temp",
    cursor: { epoch: "e.0", sequence: 4 },
    eventsLeft: null,
    endsAtMs: NOW_MS + 60_000,
    usedAtMs: NOW_MS,
    ended: false,
    lastRead: null,
    ...change,
  };
}

function drain(change: Partial<DrainCursor> = {}): DrainCursor {
  return {
    principal: "p",
    instance: "plant",
    record: "sensor.temp",
    cursor: { epoch: "e.0", sequence: 4 },
    usedAtMs: NOW_MS,
    ...change,
  };
}
