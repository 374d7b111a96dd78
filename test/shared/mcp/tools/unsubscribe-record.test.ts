import { expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err, ok } from "#shared/result.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

test.each(["cancelled", "already_ended"] as const)(
  "unsubscribe_record says that a subscription is %s",
  async (status) => {
    const fleet = new FakeFleet();
    fleet.unsubscribed = ok(status);

    const { isError, json } = await callTool(fleet, "unsubscribe_record", {
      subscription_id: "a.b",
    });

    expect(isError).toBe(false);
    expect(json).toEqual({ success: true, status });
    expect(fleet.asked).toEqual([{ unsubscribe: "a.b" }]);
  },
);

test("unsubscribe_record passes on that there is none", async () => {
  const fleet = new FakeFleet();
  fleet.unsubscribed = err(failure("unknown_subscription", "None."));

  const { isError, json } = await callTool(fleet, "unsubscribe_record", { subscription_id: "a.b" });

  expect(isError).toBe(true);
  expect(json).toEqual({
    error: {
      code: "unknown_subscription",
      message: "None. Open a new one with subscribe_record.",
    },
  });
});
