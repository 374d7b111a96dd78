/** The plan's conversations, from a client through worker and relay to a host of each major. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONVERSATIONS, type HostFacts } from "../contract/conversations.ts";
import type { ConnectedClient } from "../support/clients/mcp.ts";
import { TestBed, untilStatus } from "../support/processes/test-bed.ts";

const HOSTS = [
  { name: "one", aimx: "1.0" },
  { name: "three", aimx: "3.0" },
] as const;

let bed: TestBed;
let client: ConnectedClient;

beforeAll(async () => {
  bed = await TestBed.open();
  for (const { name, aimx } of HOSTS) await bed.host(name, aimx);
  await bed.relay(
    "gw",
    HOSTS.map(({ name }) => name),
  );
  client = await bed.client();
  for (const { name } of HOSTS) await untilStatus(client, `gw/${name}`, "up");
});

afterAll(() => bed?.close());

async function call(name: string, args: Readonly<Record<string, unknown>> = {}) {
  const { isError, json } = await client.call(name, { ...args });
  if (isError) throw new Error(`${name}: ${JSON.stringify(json)}`);
  return json;
}

function factsOf(name: string): HostFacts {
  return {
    instance: `gw/${name}`,
    socket: bed.socket(name),
    recordCount: 8,
    moving: { record: "sensor.temp", field: "celsius", below: 18, above: 26, consumers: 3 },
    unproduced: {
      record: "app.settings",
      bufferType: "single_latest",
      consumers: 0,
      writable: true,
    },
    hasMetrics: true,
    monitorSeconds: 3,
  };
}

describe.each(HOSTS)("with a host of AimX $aimx", ({ name }) => {
  test.each(CONVERSATIONS)("$title", async ({ play }) => {
    await expect(play(call, factsOf(name))).resolves.toBeUndefined();
  });
});
