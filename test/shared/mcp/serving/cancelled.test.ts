/** Over one connection for all requests, a client says which of them it does not wait for any more. */
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { expect, test } from "vitest";
import type { CallerSignal } from "#shared/fleet/caller-signal.ts";
import { createServer } from "#shared/mcp/serving/server.ts";
import { FakeFleet } from "../support/fake-fleet.ts";

/** A fleet that never answers, and who it was asked for. */
async function begin() {
  const fleet = new FakeFleet();
  const callers: CallerSignal[] = [];
  const server = createServer({
    fleet,
    fleetUntil: (gone) => {
      callers.push(gone);
      return Object.assign(new FakeFleet(), {
        instances: () => new Promise(() => {}),
        getRecord: () => new Promise(() => {}),
      });
    },
    version: "0.0.0",
    explain: String,
    resources: { uriForm: "instance" },
    canSubscribe: false,
  });
  const transport: Transport = {
    start: async () => {},
    send: async () => {},
    close: async () => {},
  };
  await server.connect(transport);
  const receive = (message: object) =>
    transport.onmessage?.({ jsonrpc: "2.0", ...message } as JSONRPCMessage);
  return { callers, receive };
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

const ref = { type: "ref/prompt", name: "debug_record" };

test.each([
  { method: "tools/call", params: { name: "discover_instances", arguments: {} } },
  { method: "resources/list", params: {} },
  { method: "resources/read", params: { uri: "aimdb://gw-1/plant/record/a" } },
  { method: "prompts/get", params: { name: "debug_record", arguments: { record_name: "a" } } },
  {
    method: "completion/complete",
    params: { ref, argument: { name: "instance", value: "" } },
  },
])("what $method asks ends when its client cancels it, and no other's", async (asked) => {
  const { callers, receive } = await begin();
  receive({ id: 1, ...asked });
  receive({ id: 2, ...asked });
  await turns();
  receive({ method: "notifications/cancelled", params: { requestId: 1 } });
  await turns();

  expect(callers.map(({ aborted }) => aborted)).toEqual([true, false]);
});
