import { describe, expect, test } from "vitest";
import { askedCalls } from "../../../worker/activity/asked-call.ts";

const URI = "aimdb://gw-1/plant/record/sensor.temp";

describe("askedCalls()", () => {
  test.each([
    ["tools/call", { name: "get_record", arguments: { a: 1 } }, "tool.get_record", { a: 1 }],
    ["prompts/get", { name: "debug_record", arguments: {} }, "prompt.debug_record", {}],
    ["resources/read", { uri: URI }, "resource.read", { uri: URI }],
    ["resources/list", undefined, "resource.list", undefined],
    ["completion/complete", { ref: {} }, "completion", { ref: {} }],
    ["subscriptions/listen", { notifications: {} }, "resource.listen", { notifications: {} }],
  ])("names %s", (method, params, action, input) => {
    expect(askedCalls({ method, params })).toEqual([expect.objectContaining({ action, input })]);
  });

  test("names the record of a resource", () => {
    expect(askedCalls({ method: "resources/read", params: { uri: URI } })).toMatchObject([
      { record: "sensor.temp" },
    ]);
  });

  test.each([
    "initialize",
    "ping",
    "tools/list",
    "prompts/list",
    "resources/templates/list",
    "notifications/initialized",
  ])("leaves %s out, which reads nothing", (method) => {
    expect(askedCalls({ method, params: {} })).toEqual([]);
  });

  test.each([{ body: undefined }, { body: "x" }, { body: { method: "tools/call" } }])(
    "leaves out what is no call: $body",
    ({ body }) => {
      expect(askedCalls(body)).toEqual([]);
    },
  );

  test("takes a batch message by message, and cuts a name", () => {
    const batch = [
      { method: "tools/call", params: { name: "n".repeat(1_000) } },
      { method: "ping" },
      { method: "resources/list" },
    ];

    expect(askedCalls(batch).map(({ action }) => action)).toEqual([
      `tool.${"n".repeat(256)}`,
      "resource.list",
    ]);
  });
});
