import { expect, test } from "vitest";
import { waits } from "#shared/mcp/serving/server.ts";

function call(name: string, meta?: object): object {
  const params = { name, arguments: {}, ...(meta === undefined ? {} : { _meta: meta }) };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

test.each([
  ["a call that may wait", call("subscribe_record"), true],
  ["one that does not", call("get_record"), false],
  ["a batch with one that may", [call("get_record"), call("subscribe_record")], true],
  ["a batch without", [call("get_record")], false],
  // Its answer is a stream of events as soon as there is progress to tell of.
  ["one that is told of its progress", call("subscribe_record", { progressToken: 1 }), false],
  // A batch is answered whole.
  ["a batch with such a one", [call("subscribe_record", { progressToken: 1 })], true],
  ["no call", { jsonrpc: "2.0", id: 1, method: "ping" }, false],
])("%s is waited for as one JSON answer: %j", (_what, body, isWaitedFor) => {
  expect(waits(body)).toBe(isWaitedFor);
});
