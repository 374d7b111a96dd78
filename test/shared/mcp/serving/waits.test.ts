import { expect, test } from "vitest";
import { asksForProgress, waits } from "#shared/mcp/serving/server.ts";

function call(name: string, meta?: object): object {
  const params = { name, arguments: {}, ...(meta === undefined ? {} : { _meta: meta }) };
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params };
}

const WAIT = call("subscribe_record");
const TOLD = call("subscribe_record", { progressToken: 1 });

test.each([
  { what: "a call that may wait", body: WAIT, mayWait: true, isStream: false },
  { what: "one that does not", body: call("get_record"), mayWait: false, isStream: false },
  {
    what: "a batch with one that may",
    body: [call("get_record"), WAIT],
    mayWait: true,
    isStream: false,
  },
  { what: "a batch without", body: [call("get_record")], mayWait: false, isStream: false },
  // Its answer is a stream of events as soon as there is progress to tell of.
  { what: "one that is told of its progress", body: TOLD, mayWait: true, isStream: true },
  // A batch is answered whole.
  { what: "a batch with such a one", body: [TOLD], mayWait: true, isStream: false },
  {
    what: "no call",
    body: { jsonrpc: "2.0", id: 1, method: "ping" },
    mayWait: false,
    isStream: false,
  },
])("$what: waits $mayWait, as a stream $isStream", ({ body, mayWait, isStream }) => {
  expect({ mayWait: waits(body), isStream: asksForProgress(body) }).toEqual({ mayWait, isStream });
});
