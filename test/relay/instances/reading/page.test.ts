import { expect, test } from "vitest";
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { fittingPage } from "../../../../relay/instances/reading/page.ts";

const rows = Array.from({ length: 250 }, (_, n) => n);

test("fittingPage gives a hundred at a time if not told otherwise", () => {
  const { items, total, nextOffset } = fittingPage(rows, {}, (n) => n);
  expect({ count: items.length, total, nextOffset }).toEqual({
    count: 100,
    total: 250,
    nextOffset: 100,
  });
});

test("fittingPage gives fewer where they are long, and all of them page after page", () => {
  const describe = (n: number) => `${n}:${"温".repeat(3_000)}`;
  const seen: string[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const page: ReturnType<typeof fittingPage<number, string>> = fittingPage(
      rows,
      { offset, limit: 2_000 },
      describe,
    );
    expect(Buffer.byteLength(JSON.stringify(page.items))).toBeLessThan(MAX_RESULT_BYTES);
    seen.push(...page.items);
    offset = page.nextOffset;
  }
  expect(seen).toEqual(rows.map(describe));
});

test("fittingPage gives one that is longer than all together may be", () => {
  const page = fittingPage(rows, { offset: 3 }, () => "x".repeat(MAX_RESULT_BYTES));
  expect(page).toMatchObject({ items: [expect.any(String)], nextOffset: 4 });
});

test("fittingPage gives nothing behind the end", () => {
  expect(fittingPage(rows, { offset: 250 }, (n) => n)).toEqual({
    items: [],
    total: 250,
    nextOffset: null,
  });
});
