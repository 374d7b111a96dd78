import { describe, expect, test } from "vitest";
import type { Inventory } from "#shared/link/inventory.ts";
import { describeRelay } from "../../../worker/relay/describe.ts";
import type { Session } from "../../../worker/relay/link/session.ts";
import { announced } from "../support/builders.ts";

const LIVE: Session = {
  name: "live",
  id: "session",
  version: 1,
  startedAtMs: 0,
  relayVersion: "0.1.0",
  clockOffsetMs: -7,
  journalId: null,
  features: [],
};
const { records: _left, ...unlisted } = announced({ name: "large" });
const INVENTORY: Inventory = {
  t: "inventory",
  confirm_writes: "never",
  instances: [announced({ name: "plant", state: "down", reason: "gone" }), unlisted],
  skipped: [{ socket_path: "/tmp/x.sock", reason: "Not AimX." }],
};

function describeIn(session: Session, inventory?: Inventory, record?: string) {
  return describeRelay(session, inventory, { record, fallbackSinceMs: 77 });
}

test.each([
  {
    name: "live",
    session: LIVE,
    state: { name: "live", clockOffsetMs: -7, relayVersion: "0.1.0" },
  },
  {
    name: "offline since it was seen to end",
    session: { name: "offline", sinceMs: 5, hasLeft: false } as const,
    state: { name: "offline", sinceMs: 5 },
  },
  {
    name: "offline since nobody knows",
    session: { name: "offline", sinceMs: null, hasLeft: false } as const,
    state: { name: "offline", sinceMs: 77 },
  },
  {
    name: "draining, which is offline for its callers",
    session: { ...LIVE, name: "draining", sinceMs: 5 } as const,
    state: { name: "offline", sinceMs: 5 },
  },
  {
    name: "greeting, which is offline still",
    session: { name: "greeting", deadlineMs: 9, sinceMs: 5 } as const,
    state: { name: "offline", sinceMs: 5 },
  },
])("describeRelay() shows a relay that is $name", ({ session, state }) => {
  expect(describeIn(session)).toEqual({ state, instances: [], skipped: [] });
});

describe("describeRelay() shows instances", () => {
  test("as announced, without their records", () => {
    const { records: _left, ...row } = announced({ name: "plant", state: "down", reason: "gone" });

    expect(describeIn(LIVE, INVENTORY).instances).toEqual([
      { ...row, hasRecord: null },
      { ...unlisted, hasRecord: null },
    ]);
  });

  test("of an offline relay too [I-4]", () => {
    const offline: Session = { name: "offline", sinceMs: 5, hasLeft: false };

    expect(describeIn(offline, INVENTORY).instances).toHaveLength(2);
  });

  test.each([
    { record: "sensor.temp", has: [true, null] },
    { record: "server::Temperature", has: [true, null] },
    { record: "sensor", has: [false, null] },
  ])("with whether they have $record, null where the list did not fit", ({ record, has }) => {
    const { instances } = describeIn(LIVE, INVENTORY, record);

    expect(instances.map(({ hasRecord }) => hasRecord)).toEqual(has);
  });
});

test("describeRelay() gives the reasons of skipped sockets and not their paths", () => {
  expect(describeIn(LIVE, INVENTORY).skipped).toEqual(["Not AimX."]);
});
