import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import * as z from "zod/mini";
import { rowsOf } from "../../../worker/storage/rows.ts";
import { inObject, newObjectId } from "../support/objects.ts";

afterEach(() => reset());

const numberRow = z.object({ n: z.number() });

function inTable<R>(run: (sql: SqlStorage) => R): Promise<R> {
  return inObject("TEAM", newObjectId("TEAM"), ({ storage: { sql } }) => {
    sql.exec("CREATE TABLE t (n, extra); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    return run(sql);
  });
}

test("rowsOf() gives the columns of the schema", async () => {
  const rows = await inTable((sql) => rowsOf(sql, numberRow, "SELECT * FROM t ORDER BY n"));

  expect(rows).toEqual([{ n: 1 }, { n: 2 }]);
});

test("rowsOf() binds values in place of question marks", async () => {
  const rows = await inTable((sql) =>
    rowsOf(sql, numberRow, "SELECT n FROM t WHERE extra = ?", "b' OR 1"),
  );

  expect(rows).toEqual([]);
});

test("rowsOf() throws on a row that is not what the schema says", async () => {
  const threw = await inTable((sql) => {
    sql.exec("INSERT INTO t VALUES ('three', 'c')");
    try {
      rowsOf(sql, numberRow, "SELECT n FROM t");
      return false;
    } catch {
      return true;
    }
  });

  expect(threw).toBe(true);
});
