import { describe, expect, test } from "vitest";
import { CONVERSATIONS, type CallTool, type HostFacts } from "../../contract/conversations.ts";
import { callTool } from "./support/call-tool.ts";
import { FakeFleet } from "./support/fake-fleet.ts";
import { plant, PLANT_ID } from "./support/plant.ts";

const FACTS: HostFacts = {
  instance: PLANT_ID,
  socket: "/tmp/aimdb-demo.sock",
  recordCount: 5,
  moving: {
    record: "server::Temperature",
    field: "celsius",
    below: 23,
    above: 25,
    consumers: 2,
  },
  unproduced: {
    record: "server::Config",
    bufferType: "single_latest",
    consumers: 3,
    writable: true,
  },
  hasMetrics: true,
  monitorSeconds: 30,
};

function calling(fleet: FakeFleet): CallTool {
  return async (name, args = {}) => {
    const { isError, json } = await callTool(fleet, name, args);
    if (isError) throw new Error(`${name}: ${JSON.stringify(json)}`);
    return json;
  };
}

describe("the plan's conversations with a host that has metrics", () => {
  test.each(CONVERSATIONS)("$title", async ({ play }) => {
    await expect(play(calling(new FakeFleet([plant()])), FACTS)).resolves.toBeUndefined();
  });
});

describe("the plan's conversations with a host that was built without", () => {
  const bare = plant({ diagnostics: undefined });

  test.each(CONVERSATIONS)("$title", async ({ play }) => {
    const facts = { ...FACTS, hasMetrics: false };
    await expect(play(calling(new FakeFleet([bare])), facts)).resolves.toBeUndefined();
  });
});
