import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { CALL_ID, WRITE_HEAD } from "../support/fake-writes.ts";

function ask(fleet: FakeFleet, call_id = CALL_ID) {
  return callTool(fleet, "get_write_outcome", { call_id });
}

describe("get_write_outcome", () => {
  test("says what became of the write, by its call id", async () => {
    const fleet = new FakeFleet();

    const { isError, json } = await ask(fleet);

    expect(isError).toBe(false);
    expect(json).toMatchObject({ success: true, outcome: "applied", call_id: CALL_ID });
    expect(fleet.asked).toEqual([{ report: CALL_ID }]);
  });

  test("is no error where the write was none: the question was answered", async () => {
    const fleet = new FakeFleet();
    const unknown = { outcome: "unknown", code: "link_lost", message: "?" } as const;
    fleet.outcome = { ...unknown, now_equals_requested: false };

    const { isError, json } = await ask(fleet);

    expect(isError).toBe(false);
    expect(json).toMatchObject({ outcome: "unknown", now_equals_requested: false });
  });

  test.each(["declined", "expired"] as const)("tells that nobody said yes: %s", async (status) => {
    const fleet = new FakeFleet();
    fleet.reports = [ok({ ...WRITE_HEAD, status })];

    expect((await ask(fleet)).json).toMatchObject({ success: false, status, changed: false });
  });

  test("knows nothing of another's call", async () => {
    const fleet = new FakeFleet();
    fleet.reports = [err(failure("unknown_call", "There is no write with this call id."))];

    const { isError, json } = await ask(fleet, "other");

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({
      code: "unknown_call",
      message: expect.stringContaining("whole call_id of a set_record answer"),
    });
  });

  test("needs no scope but reading", async () => {
    const fleet = new FakeFleet();
    fleet.scopes = ["aimdb:read"];

    expect((await ask(fleet)).isError).toBe(false);
  });
});
