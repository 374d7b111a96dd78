import { expect, test } from "vitest";
import { ratiosOf } from "../bench/ratios.ts";
import { RECORDED } from "../bench/recorded-results.ts";

const NOTHING = { cells: [], fan_out: [], events: [] };

/** What the project is held to. */
const HELD_TO = [
  "get_record_p50_vs_limit_c1",
  "get_record_rps_vs_limit_c16",
  "list_records_rps_vs_limit_c16",
  "set_record_rps_vs_limit_c16",
  "get_record_rps_vs_supergateway_c16",
  "get_record_rps_vs_mcp_proxy_c16",
  "fanout_50_p50_vs_1",
  "event_p99_ms",
];

test("each ratio has its name, also where nothing was measured", () => {
  const none = ratiosOf(NOTHING);

  expect(Object.keys(none)).toEqual(expect.arrayContaining(HELD_TO));
  expect(new Set(Object.values(none))).toEqual(new Set([null]));
});

test("a ratio is of two cells of one operation and concurrency", () => {
  expect(ratiosOf(RECORDED)).toMatchObject({
    get_record_p50_vs_limit_c1: 1.668,
    get_record_rps_vs_limit_c16: 0.612,
    get_record_rps_vs_supergateway_c16: 0.863,
    get_record_rps_vs_mcp_proxy_c16: null,
  });
});

test("each operation has its own limit", () => {
  const cells = RECORDED.cells.flatMap((cell) => [
    cell,
    { ...cell, operation: "set_record" as const, rps: cell.subject === "limit" ? 200 : 50 },
  ]);

  expect(ratiosOf({ ...RECORDED, cells })).toMatchObject({
    get_record_rps_vs_limit_c16: 0.612,
    set_record_rps_vs_limit_c16: 0.25,
    list_records_rps_vs_limit_c16: null,
  });
});

test("fan-out compares 50 relays with one, and an event's time is that of one stream", () => {
  const { fanout_50_p50_vs_1, event_p99_ms } = ratiosOf(RECORDED);
  const p50 = (relays: number) => RECORDED.fan_out.find((one) => one.relays === relays)?.p50_ms;

  expect(fanout_50_p50_vs_1).toBeCloseTo(Number(p50(50)) / Number(p50(1)), 2);
  expect(event_p99_ms).toBe(RECORDED.events.find(({ streams }) => streams === 1)?.p99_ms);
});

test("a cell in which no call came through is none", () => {
  const cells = RECORDED.cells.map((cell) => ({ ...cell, calls: 0 }));

  expect(ratiosOf({ ...RECORDED, cells }).get_record_p50_vs_limit_c1).toBeNull();
});

test("fan-out is compared with one relay behind the same line, and with the bare limit's own", () => {
  const cell = { subject: "aimdb-remote", rps: 1, p99_ms: 1, calls: 1, errors: 0 } as const;
  const fan_out = [
    { ...cell, subject: "limit" as const, relays: 1, line_ms: 0, p50_ms: 1 },
    { ...cell, subject: "limit" as const, relays: 50, line_ms: 0, p50_ms: 4 },
    { ...cell, relays: 1, line_ms: 0, p50_ms: 2 },
    { ...cell, relays: 50, line_ms: 0, p50_ms: 12 },
    { ...cell, relays: 1, line_ms: 25, p50_ms: 25 },
    { ...cell, relays: 50, line_ms: 25, p50_ms: 40 },
  ];

  expect(ratiosOf({ ...NOTHING, fan_out })).toMatchObject({
    fanout_50_p50_vs_1: 6,
    fanout_50_p50_vs_1_of_limit: 4,
    fanout_50_p50_vs_limit: 3,
    fanout_50_p50_vs_1_line_25ms: 1.6,
  });
});
