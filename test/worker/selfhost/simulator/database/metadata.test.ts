import { expect, test } from "vitest";
import { timeText } from "../../../../../worker/selfhost/simulator/database/metadata.ts";
import type { DrivenHostOptions } from "../driven-host.ts";
import { DrivenHost } from "../driven-host.ts";
import { recordListText } from "../../../../../worker/selfhost/simulator/wire/queries.ts";

type Row = Record<string, unknown>;

function rowsOf(options: DrivenHostOptions): readonly Row[] {
  return JSON.parse(recordListText(new DrivenHost(options).host)) as Row[];
}

test.each([
  ["1.0", ["created_at"], ["entity"]],
  ["2.0", [], ["created_at", "entity", "produced_count"]],
  ["3.0", ["entity", "produced_count"], ["created_at"]],
] as const)("a row on AimX %s has its version's fields", (aimx, present, absent) => {
  const [row = {}] = rowsOf({ aimx });

  expect(Object.keys(row)).toEqual(expect.arrayContaining([...present]));
  for (const field of absent) expect(row).not.toHaveProperty(field);
});

test("a row tells neither producers nor consumers nor the origin", () => {
  for (const row of rowsOf({ aimx: "3.0" })) {
    expect(row).toMatchObject({ producer_count: 0, consumer_count: 0, origin: "passive" });
  }
});

test("a row tells the origin of a link", () => {
  const origin = { kind: "link", protocol: "mqtt", address: "mqtt://x" } as const;
  const buffer = { kind: "single_latest" } as const;
  const records = [{ key: "a/b", typeName: "x::T", shape: "u64", buffer, origin }] as const;

  expect(rowsOf({ aimx: "3.0", records })).toMatchObject([
    { origin: { link: { protocol: "mqtt", address: "mqtt://x" } }, entity: "b" },
  ]);
});

test("a row has no counters on a host without metrics", () => {
  const [row = {}] = rowsOf({ aimx: "3.0", config: { hasMetrics: false } });

  expect(row).not.toHaveProperty("occupancy");
  expect(row).not.toHaveProperty("stage_profiling");
});

test("no row is writable under a read-only policy", () => {
  const rows = rowsOf({ aimx: "1.0", config: { policy: "read_only" } });

  expect(rows.map(({ writable }) => writable)).not.toContain(true);
});

test("types of the same name have the same type id", () => {
  const ids = rowsOf({ aimx: "3.0" }).map(({ type_id: id }) => id);

  expect(ids[1]).toBe(ids[7]);
  expect(new Set(ids).size).toBe(5);
});

test("timeText() writes seconds and nine digits", () => {
  expect(timeText(1_795_171_712_000_000_042n)).toBe("1795171712.000000042");
});
