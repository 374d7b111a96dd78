import { expect, test } from "vitest";
import { namedRelay } from "../../../worker/mcp/named-relay.ts";

function call(args: unknown, method = "tools/call"): unknown {
  return { jsonrpc: "2.0", id: 1, method, params: { name: "get_record", arguments: args } };
}

test("a call that names an instance by its id names its relay", () => {
  expect(namedRelay(call({ instance: "gw-1/plant" }))).toBe("gw-1");
});

test.each([
  { what: "a bare name", body: call({ instance: "plant" }) },
  { what: "a glob", body: call({ instance: "gw-*/plant" }) },
  { what: "no instance", body: call({}) },
  { what: "no arguments", body: call(undefined) },
  { what: "another method", body: call({ instance: "gw-1/plant" }, "prompts/get") },
  { what: "a batch", body: [call({ instance: "gw-1/plant" })] },
])("$what names no relay", ({ body }) => {
  expect(namedRelay(body)).toBeUndefined();
});
