import { describe, expect, test } from "vitest";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { plant, PLANT_ID } from "../support/plant.ts";

describe("optional arguments that a client fills in all the same", () => {
  test.each([null, ""])("are left out where they are %j", async (blank) => {
    const blanks = { instance: blank, socket: blank, name_filter: blank, cursor: blank };

    const { isError, json } = await callTool(new FakeFleet([plant()]), "list_records", blanks);

    expect(isError).toBe(false);
    expect(json).toMatchObject({ instance: PLANT_ID, total: 5 });
  });

  test("open a subscription, and do not go on with one of no name", async () => {
    const fleet = new FakeFleet([plant()]);
    const call = { record_name: "server::Temperature", subscription_id: "", cursor: "", until: "" };

    const { isError } = await callTool(fleet, "subscribe_record", { ...call, max_events: 1 });

    expect(isError).toBe(false);
    expect(fleet.asked).toContainEqual({ subscribe: expect.anything() });
  });

  test("are what they say where null is a value", async () => {
    const fleet = new FakeFleet([plant()]);
    const write = { record_name: "server::Config", value: null, expected: null, instance: "" };

    await callTool(fleet, "set_record", write);

    expect(fleet.asked).toContainEqual(expect.objectContaining({ value: null, expected: null }));
  });

  test("are no excuse for what else is wrong, and nothing that is required is left out", async () => {
    const call = { record_name: "", instance: null, max_bytes: 1 };

    const { json } = await callTool(new FakeFleet([plant()]), "get_record", call);

    expect(json.error.message).toBe(
      "Invalid arguments. record_name: must be at least 1 characters long; instance: must be a string; max_bytes: must be at least 1000.",
    );
  });
});
