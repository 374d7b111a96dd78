/** The plan's error matrix: what each error's answer tells the caller to do. */
import { describe, expect, test } from "vitest";
import { failure, type ErrorCode } from "#shared/failure.ts";
import type { InstanceOverview } from "#shared/fleet/fleet.ts";
import { withRecovery } from "#shared/mcp/answers/recovery.ts";
import { err } from "#shared/result.ts";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

const RECORD = { record_name: "sensor.temp" };

function failing(code: ErrorCode, text: string): FakeFleet {
  const refusal = failure(code, text, { nearest: ["sensor.temp"] });
  const fleet = new FakeFleet([fakeInstance("gw-1/plant", [], { failure: refusal })]);
  fleet.subscribeFailure = refusal;
  return fleet;
}

function without(overview: Partial<InstanceOverview>): FakeFleet {
  const fleet = new FakeFleet();
  fleet.overview = { relayCount: 1, ...overview };
  return fleet;
}

const VERSION = "The host speaks AimX 9.0; this relay speaks 1, 2 and 3. Update the relay.";

test("withRecovery() ends a host's own text before its advice", () => {
  const { message } = withRecovery(failure("refused_by_host", "Denied (ReadOnly security policy)"));

  expect(message).toMatch(/^Denied \(ReadOnly security policy\)\. Writing needs/);
});

describe("appendix D", () => {
  test.each([
    {
      scenario: "no instances found",
      fleet: without({}),
      tool: "get_record",
      advice: "Start AimDB with remote access",
    },
    {
      scenario: "no relay",
      fleet: without({ relayCount: 0 }),
      tool: "snapshot",
      advice: "aimdb-relay enroll",
    },
    {
      scenario: "connection refused",
      fleet: failing("instance_down", "The relay can't reach the AimDB process."),
      tool: "get_record",
      advice: "the socket path is right and that the relay's user may open it",
    },
    {
      scenario: "record not found",
      fleet: failing("unknown_record", "No such record."),
      tool: "get_record",
      advice: "Call list_records",
    },
    {
      scenario: "permission denied by the host",
      fleet: failing("refused_by_host", "The host's policy does not let it be written."),
      tool: "get_record",
      advice: "read_write security policy",
    },
    {
      scenario: "subscription queue full",
      fleet: failing("too_many_subscriptions", "All in use."),
      tool: "subscribe_record",
      advice: "Reduce the subscriptions",
    },
    {
      scenario: "protocol version mismatch",
      fleet: without({ skipped: [{ relay: "gw-1", reason: VERSION }] }),
      tool: "get_record",
      advice: "Update the relay",
    },
  ])("$scenario: $advice", async ({ fleet, tool, advice }) => {
    const { isError, json } = await callTool(fleet, tool, tool === "snapshot" ? {} : RECORD);

    expect(isError).toBe(true);
    expect(json.error.message).toContain(advice);
  });

  test("record not found has the nearest names", async () => {
    const { json } = await callTool(failing("unknown_record", "None."), "get_record", RECORD);

    expect(json.error.nearest).toEqual(["sensor.temp"]);
  });

  test("a permission that the token lacks is named", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
    fleet.scopes = ["aimdb:read"];

    const { json } = await callTool(fleet, "set_record", { ...RECORD, value: 1 });

    expect(json.error).toMatchObject({
      required_scope: "aimdb:write",
      message: expect.stringContaining("aimdb:write"),
    });
  });

  test("no instances found is an empty list with the same advice where instances are asked for", async () => {
    const { isError, json } = await callTool(without({}), "discover_instances");

    expect(isError).toBe(false);
    expect(json.advice).toContain("Start AimDB with remote access");
  });
});

describe("withRecovery()", () => {
  test("says nothing twice", () => {
    const reason = failure("unknown_record", "None. Call list_records.", { nearest: ["a"] });

    expect(withRecovery(reason)).toBe(reason);
  });

  test.each([
    failure("no_value", "Nothing yet."),
    failure("refused_by_device", "The device file refuses the value: celsius is above 30."),
  ])("adds nothing where a failure says all there is: $code", (reason) => {
    expect(withRecovery(reason)).toBe(reason);
  });

  test("keeps the details", () => {
    const details = { offline_since: "2026-11-20T10:00:00Z" };

    expect(withRecovery(failure("relay_offline", "Away.", details)).details).toEqual(details);
  });
});

test("a drain that the caller may not do now says what helps, too", async () => {
  const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
  fleet.drainAnswer = err(failure("too_many_subscriptions", "All in use."));

  const { json } = await callTool(fleet, "drain_record", RECORD);

  expect(json.error.message).toContain("unsubscribe_record");
});
