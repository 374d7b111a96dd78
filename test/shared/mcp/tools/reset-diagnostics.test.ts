import { describe, expect, test } from "vitest";
import { failure } from "#shared/failure.ts";
import { err } from "#shared/result.ts";
import { fakeInstance } from "../support/builders.ts";
import { callTool } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

function reset(fleet: FakeFleet, args: object = {}) {
  return callTool(fleet, "reset_diagnostics", { what: "buffer_metrics", ...args });
}

describe("reset_diagnostics", () => {
  test.each(["buffer_metrics", "stage_profiling"])("resets %s", async (what) => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);

    const { isError, json } = await reset(fleet, { what });

    expect(isError).toBe(false);
    expect(json).toEqual({ instance: "gw-1/plant", reset: true, what });
    expect(fleet.asked.at(-1)).toEqual({ reset: "gw-1/plant", what });
  });

  test("needs the scope to write, before anything is asked", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
    fleet.scopes = ["aimdb:read"];

    const { isError, json } = await reset(fleet);

    expect(isError).toBe(true);
    expect(json.error).toMatchObject({
      code: "insufficient_scope",
      required_scope: "aimdb:write",
      message: expect.stringContaining("aimdb:write"),
    });
    expect(fleet.asked).toEqual([]);
  });

  test("needs exactly one instance", async () => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant"), fakeInstance("gw-2/plant")]);

    expect((await reset(fleet)).json.error).toMatchObject({
      code: "ambiguous_instance",
      candidates: ["gw-1/plant", "gw-2/plant"],
    });
  });

  test.each([
    { code: "unsupported", advice: "build it with the feature" },
    { code: "refused_by_host", advice: "read_write security policy" },
  ] as const)("passes on that it is $code, with what helps", async ({ code, advice }) => {
    const fleet = new FakeFleet([fakeInstance("gw-1/plant")]);
    fleet.resetAnswer = err(failure(code, "No."));

    const { json } = await reset(fleet);

    expect(json.error).toMatchObject({ code, message: expect.stringContaining(advice) });
  });

  test("takes nothing else for what", async () => {
    expect((await reset(new FakeFleet(), { what: "all" })).json.error.message).toContain(
      'what: must be one of "buffer_metrics", "stage_profiling"',
    );
  });
});
