import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { fakeInstance, instanceRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function info(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "get_instance_info", { ...args });
}

const told = instanceRow("gw-1/plant", {
  permissions: ["read", "subscribe"],
  max_subscriptions: 8,
  capabilities: ["graph", "drain"],
  release_range: "2.0 and later",
  relayVersion: "0.1.0",
  clockOffsetMs: -1_234.6,
});

describe("get_instance_info", () => {
  test("has the row of discover_instances and what else is known", async () => {
    const { json } = await info(new FakeFleet([fakeInstance("gw-1/plant", [], { row: told })]));

    expect(json).toEqual({
      instance: "gw-1/plant",
      relay: "gw-1",
      status: "up",
      socket_path: "/tmp/plant.sock",
      server_version: "aimdb/2.0.0",
      protocol_version: "3.0",
      record_count: 1,
      writable_records: 1,
      authenticated: false,
      permissions: ["read", "subscribe"],
      max_subscriptions: 8,
      capabilities: ["graph", "drain"],
      release_range: "2.0 and later",
      relay_version: "0.1.0",
      clock_offset_ms: -1_235,
    });
  });

  test("has null with the reason for what nobody tells", async () => {
    const { json } = await info(new FakeFleet([fakeInstance("gw-1/plant")]));
    const unknown = ["permissions", "max_subscriptions", "capabilities", "release_range"];

    for (const field of unknown) {
      expect(json[field]).toBeNull();
      expect(json.why_null[field]).toMatch(/.{10}/);
    }
    expect(json.why_null.server_version).toBeUndefined();
  });

  test.each([
    { by: "its id", args: { instance: "gw-2/line" } },
    { by: "its name", args: { instance: "line" } },
    { by: "its socket", args: { socket: "/tmp/line.sock" } },
  ])("finds one by $by", async ({ args }) => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant"), fakeInstance("gw-2/line")]);

    expect((await info(fleet, args)).json.instance).toBe("gw-2/line");
  });

  test("tells of each that fits", async () => {
    const fleet = new FakeFleet(
      ["gw-1/plant", "gw-2/plant", "x/other"].map((id) => fakeInstance(id)),
    );

    const { json } = await info(fleet, { instance: "gw-*/plant" });

    expect(json.results.map(({ instance }: { instance: string }) => instance)).toEqual([
      "gw-1/plant",
      "gw-2/plant",
    ]);
  });

  test("names what is nearest to an id that is not there", async () => {
    const { json } = await info(new FakeFleet([fakeInstance("gw-1/plant")]), {
      instance: "gw-1/plnt",
    });

    expect(json.error).toMatchObject({ code: "unknown_instance", nearest: ["gw-1/plant"] });
  });

  test("does not call an instance unknown whose relay did not answer", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
    const late = failure("deadline_exceeded", "Not in time.");
    fleet.overview = { failed: [{ relay: "gw-2", failure: late }] };

    expect((await info(fleet, { instance: "gw-2/plant" })).json.error.code).toBe(
      "deadline_exceeded",
    );
  });

  test("shows a device's texts without hidden characters", async () => {
    const row = { ...told, permissions: ["\u202e"], release_range: "\u0007" };
    const { json } = await info(new FakeFleet([fakeInstance("gw-1/plant", [], { row })]));

    expect(json).toMatchObject({ permissions: ["\\u{202e}"], release_range: "\\u{7}" });
  });
});
