import { reset } from "cloudflare:test";
import { afterEach, describe, expect, test } from "vitest";
import { isCreated, migrate, migrateExisting } from "../../../worker/storage/migrate.ts";
import { inObject, newObjectId } from "../support/objects.ts";

afterEach(() => reset());

const FIRST = "CREATE TABLE note (text TEXT); INSERT INTO note VALUES ('first');";
const SECOND = "ALTER TABLE note ADD COLUMN day INTEGER; UPDATE note SET day = 1;";

function inFreshObject<R>(run: (storage: DurableObjectStorage) => R): Promise<R> {
  return inObject("TEAM", newObjectId("TEAM"), ({ storage }) => run(storage));
}

describe("migrate()", () => {
  test("applies every change in its order", async () => {
    const notes = await inFreshObject((storage) => {
      migrate(storage, [FIRST, SECOND]);
      return storage.sql.exec("SELECT * FROM note").toArray();
    });

    expect(notes).toEqual([{ text: "first", day: 1 }]);
  });

  test("applies none twice", async () => {
    const notes = await inFreshObject((storage) => {
      migrate(storage, [FIRST, SECOND]);
      migrate(storage, [FIRST, SECOND]);
      return storage.sql.exec("SELECT * FROM note").toArray();
    });

    expect(notes).toHaveLength(1);
  });

  test("brings the previous release's tables up to date and keeps what is in them", async () => {
    const notes = await inFreshObject((storage) => {
      migrate(storage, [FIRST]);
      storage.sql.exec("INSERT INTO note VALUES ('kept')");
      migrate(storage, [FIRST, SECOND]);
      return storage.sql.exec("SELECT * FROM note ORDER BY rowid").toArray();
    });

    expect(notes).toEqual([
      { text: "first", day: 1 },
      { text: "kept", day: 1 },
    ]);
  });

  test("leaves everything as it was if one change fails", async () => {
    const [failed, created] = await inFreshObject((storage) => {
      let error: unknown;
      try {
        migrate(storage, [FIRST, "NOT SQL"]);
      } catch (thrown) {
        error = thrown;
      }
      return [error !== undefined, isCreated(storage.sql)];
    });

    expect([failed, created]).toEqual([true, false]);
  });

  test("leaves alone what a newer release applied, and says what to do", async () => {
    const { error, before, after } = await inFreshObject((storage) => {
      const dump = () =>
        ["note", "schema"].map((name) => storage.sql.exec(`SELECT * FROM ${name}`).toArray());
      migrate(storage, [FIRST, SECOND]);
      const before = dump();
      let error = "";
      try {
        migrate(storage, [FIRST]);
      } catch (thrown) {
        error = String(thrown);
      }
      return { error, before, after: dump() };
    });

    expect(error).toContain(
      "was written by a newer release of the worker: its form is 2, and this release knows 1. Nothing was changed. Start that release again",
    );
    expect(after).toEqual(before);
  });
});

test("isCreated() tells an object with tables from one without", async () => {
  const [before, after] = await inFreshObject((storage) => {
    const before = isCreated(storage.sql);
    migrate(storage, [FIRST]);
    return [before, isCreated(storage.sql)];
  });

  expect([before, after]).toEqual([false, true]);
});

describe("migrateExisting()", () => {
  test("leaves an object without tables as it is", async () => {
    const created = await inFreshObject((storage) => {
      migrateExisting(storage, [FIRST]);
      return isCreated(storage.sql);
    });

    expect(created).toBe(false);
  });

  test("brings the previous release's tables up to date", async () => {
    const notes = await inFreshObject((storage) => {
      migrate(storage, [FIRST]);
      migrateExisting(storage, [FIRST, SECOND]);
      return storage.sql.exec("SELECT * FROM note").toArray();
    });

    expect(notes).toEqual([{ text: "first", day: 1 }]);
  });
});
