import { expect, test } from "vitest";
import { announcedInstanceSchema } from "#shared/link/inventory.ts";
import { announce, type InstanceStatus } from "../../../relay/instances/announce.ts";
import { graphOf, rowOf } from "../support/host-side/builders.ts";
import { contextOf } from "../support/host-side/watched-host.ts";

const PATH = "/tmp/boiler.sock";
const ANNOUNCED = { socketPath: PATH, persistence: "unknown" } as const;

const welcome = {
  protocolVersion: "3.0",
  server: "aimdb",
  permissions: ["read", "write"],
  maxSubscriptions: 8,
  authenticated: false,
};

function upWith(rows = [rowOf("a"), rowOf("b", { writable: false })]): InstanceStatus {
  const view = { rows, graph: graphOf(rows.map(({ record_key }) => record_key)) };
  return { name: "up", last: { welcome, view, loss: "counted" } };
}

const SEEN = {
  name: "boiler",
  socket_path: PATH,
  protocol_version: "3.0",
  server_version: "aimdb",
  permissions: ["read", "write"],
  max_subscriptions: 8,
  authenticated: false,
  capabilities: ["graph", "drain"],
  release_range: "2.x",
  record_count: 2,
  writable_count: 1,
  records: [
    { key: "a", type_name: "host::a" },
    { key: "b", type_name: "host::b" },
  ],
};

test("announce tells what an instance that is up has", () => {
  expect(announce(contextOf(), ANNOUNCED, upWith())).toEqual({ ...SEEN, state: "up" });
});

test("announce tells why an instance is down, and what it had", () => {
  const close = { reason: "socket", errorCode: "ECONNREFUSED" } as const;
  const up = upWith();
  const last = up.name === "up" ? up.last : undefined;

  expect(announce(contextOf(), ANNOUNCED, { name: "down", close, last })).toEqual({
    ...SEEN,
    state: "down",
    reason: "Nobody listens on its socket: the AimDB process has ended.",
  });
});

test.each<InstanceStatus>([
  { name: "starting" },
  { name: "down", close: { reason: "ended" }, last: undefined },
])("announce invents nothing of an instance that was never up: %j", (status) => {
  expect(announce(contextOf(), ANNOUNCED, status)).toEqual({
    name: "boiler",
    socket_path: PATH,
    state: "down",
    reason: expect.any(String),
    record_count: 0,
    writable_count: 0,
  });
});

test("announce tells what the host keeps, counts and measures", () => {
  const rows = [
    rowOf("a", { produced_count: 1, stage_profiling: [], signal_stats: [] }),
    rowOf("b"),
  ];
  const announced = { ...ANNOUNCED, persistence: "present" } as const;

  expect(announce(contextOf(), announced, upWith(rows)).capabilities).toEqual([
    "graph",
    "drain",
    "history",
    "metrics",
    "profiling",
    "signal_stats",
  ]);
});

test("announce stays within what a link carries with texts of any length from a host", () => {
  const long = "x".repeat(10_000);
  const rows = [
    rowOf(long),
    rowOf("a", { type_name: long }),
    ...Array.from({ length: 3_000 }, (_, i) => rowOf(`r${i}`)),
  ];
  const up = upWith(rows);
  const odd = {
    ...welcome,
    protocolVersion: `3.${long}`,
    server: long,
    permissions: Array.from({ length: 50 }, () => long),
    maxSubscriptions: null,
  };
  const view = up.name === "up" ? up.last.view : { rows: [], graph: undefined };

  const last = { welcome: odd, view, loss: "counted" } as const;
  const announced = announce(contextOf(), ANNOUNCED, { name: "up", last });

  expect(announcedInstanceSchema.safeParse(announced).success).toBe(true);
  expect(announced.record_count).toBe(3_002);
  expect(announced.records).toHaveLength(2_000);
  expect(announced.records?.[0]?.key).toBe("a");
});
