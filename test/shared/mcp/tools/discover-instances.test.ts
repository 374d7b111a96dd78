import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { fakeInstance, instanceRow } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function discover(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "discover_instances", { ...args });
}

function fleetOf(count: number): FakeFleet {
  return new FakeFleet(Array.from({ length: count }, (_, i) => fakeInstance(`gw-${i}/plant`)));
}

describe("discover_instances", () => {
  test("has the fields of the plan, and which relay it is", async () => {
    const { isError, json } = await discover(fleetOf(1));

    expect(isError).toBe(false);
    expect(json).toEqual({
      instances: [
        {
          instance: "gw-0/plant",
          relay: "gw-0",
          status: "up",
          socket_path: "/tmp/plant.sock",
          server_version: "aimdb/2.0.0",
          protocol_version: "3.0",
          record_count: 1,
          writable_records: 1,
          authenticated: false,
        },
      ],
      total: 1,
      next_cursor: null,
    });
  });

  test("has null for what a host that was never up has not said", async () => {
    const {
      server_version: _v,
      protocol_version: _p,
      authenticated: _a,
      ...row
    } = instanceRow("gw-1/plant", { status: "down", reason: "Nobody listens." });
    const { json } = await discover(new FakeFleet([fakeInstance("gw-1/plant", [], { row })]));

    expect(json.instances[0]).toMatchObject({
      status: "down",
      reason: "Nobody listens.",
      server_version: null,
      protocol_version: null,
      authenticated: null,
    });
  });

  test("says since when an instance's relay is offline", async () => {
    const offlineSince = "2026-11-20T10:00:00.000Z";
    const row = instanceRow("gw-1/plant", { status: "offline", offlineSince });
    const { json } = await discover(new FakeFleet([fakeInstance("gw-1/plant", [], { row })]));

    expect(json.instances[0]).toMatchObject({ status: "offline", offline_since: offlineSince });
  });

  test("is empty with advice where there is none, and no error", async () => {
    const { isError, json } = await discover(new FakeFleet());

    expect(isError).toBe(false);
    expect(json).toMatchObject({ instances: [], total: 0, next_cursor: null });
    expect(json.advice).toContain("aimdb-relay enroll");
  });

  test("counts the sockets that were skipped", async () => {
    const fleet = new FakeFleet();
    const skipped = [1, 2].map((i) => ({ relay: "gw", reason: `Reason ${i}.` }));
    fleet.overview = { relayCount: 1, skipped };

    const { json } = await discover(fleet);

    expect(json.skipped_sockets).toBe(2);
    expect(json.advice).toContain("Reason 1. Reason 2.");
  });

  test("names the first relays that did not answer, and counts them all", async () => {
    const fleet = fleetOf(1);
    const reason = failure("too_large", "Only 45 relays are asked at once.");
    const failed = Array.from({ length: 955 }, (_, i) => ({ relay: `gw-${i}`, failure: reason }));
    fleet.overview = { failed, relayCount: 1_000 };

    const { json, text } = await discover(fleet);

    expect(json.failed_relays).toBe(955);
    expect(json.failed).toHaveLength(10);
    expect(json.failed[0]).toEqual({ relay: "gw-0", message: reason.message });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(10_000);
  });

  test("shows a device's texts short and without hidden characters", async () => {
    const row = instanceRow("gw-1/plant", {
      status: "down",
      socket_path: "/tmp/\u202e.sock",
      server_version: "\u001b[31m",
      reason: "x".repeat(1_000),
    });
    const { json } = await discover(new FakeFleet([fakeInstance("gw-1/plant", [], { row })]));

    expect(json.instances[0]).toMatchObject({
      socket_path: "/tmp/\\u{202e}.sock",
      server_version: "\\u{1b}[31m",
      reason: expect.stringMatching(/^x{300}… \(1000 characters\)$/),
    });
  });

  test.each([1_000, 10_000, 48_000])(
    "reaches each of 300 instances once by its cursors, %i bytes at a time",
    async (max_bytes) => {
      const fleet = fleetOf(300);
      const seen: string[] = [];
      let cursor: string | null = "0";
      while (cursor !== null) {
        const { json, text } = await discover(fleet, { cursor, max_bytes });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(max_bytes);
        expect(json.total).toBe(300);
        seen.push(...json.instances.map(({ instance }: { instance: string }) => instance));
        cursor = json.next_cursor;
      }

      expect(seen).toEqual(Array.from({ length: 300 }, (_, i) => `gw-${i}/plant`));
    },
  );

  test("is at its end behind the last", async () => {
    const { json } = await discover(fleetOf(3), { cursor: "999" });

    expect(json).toMatchObject({ instances: [], total: 3, next_cursor: null });
  });

  test.each(["-1", "1.5", "abc", " ", "1234567"])("does not take the cursor %j", async (cursor) => {
    const { json } = await discover(fleetOf(3), { cursor });

    expect(json.error.code).toBe("invalid_input");
  });
});
